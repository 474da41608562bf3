-- Open incidents without a wake-up: there should be none, and looking for them must cost nothing.
CREATE INDEX incidents_lost ON incidents (id, is_open, is_awake) WHERE is_open = 1 AND is_awake = 0;
