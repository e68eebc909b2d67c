-- One role per service, which is its login too; none of them owns a table, may change the schema or
-- is a member of another. A role cannot log in before `seatwright migrate` gives it a password
-- (`run/logins.py`). The owner may act as each of them: checks and set-up see what a service sees.
-- Idempotent: run at every migration.
DO $$
DECLARE service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['catalog', 'accounts', 'orders', 'delivery', 'entry'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'seatwright_' || service) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'seatwright_' || service);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', 'seatwright_' || service);
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', service);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, 'seatwright_' || service);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END $$;
