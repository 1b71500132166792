import GRDB

extension DatabaseMigrator {
    /// Creates and fills the database. Each migration is one transaction, which also records it, so a process that dies
    /// leaves no partial data.
    static var cities: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("tables", migrate: createTables)
        migrator.registerMigration("data") { db in try SQLiteDataImport(database: db).run() }
        // After the data: building an index at once is faster than row by row.
        migrator.registerMigration("indexes", migrate: createIndexes)
        migrator.registerMigration("versions") { db in
            try db.execute(sql: "ALTER TABLE cities ADD COLUMN version INTEGER NOT NULL DEFAULT 1")
        }
        migrator.registerMigration("resources", migrate: createResources)
        return migrator
    }

    @Sendable
    private static func createTables(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE countries (
                    code TEXT PRIMARY KEY, continent_code TEXT NOT NULL, population INTEGER NOT NULL,
                    capital TEXT NOT NULL, currency_code TEXT NOT NULL
                ) WITHOUT ROWID;
                CREATE TABLE country_names (
                    code TEXT NOT NULL REFERENCES countries (code), language TEXT NOT NULL, name TEXT NOT NULL,
                    PRIMARY KEY (code, language)
                ) WITHOUT ROWID;
                CREATE TABLE cities (
                    -- AUTOINCREMENT: the identifier of a deleted city is not given to another one.
                    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, folded_name TEXT NOT NULL,
                    country_code TEXT NOT NULL REFERENCES countries (code), admin1_code TEXT NOT NULL,
                    population INTEGER NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL, timezone TEXT NOT NULL
                );
                CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL, token TEXT NOT NULL UNIQUE) WITHOUT ROWID;
                CREATE TABLE favourites (
                    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    city_id INTEGER NOT NULL REFERENCES cities (id) ON DELETE CASCADE,
                    PRIMARY KEY (user_id, city_id)
                ) WITHOUT ROWID;
                """
        )
    }

    @Sendable
    private static func createIndexes(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE INDEX cities_by_country_and_population ON cities (country_code, population);
                CREATE INDEX cities_by_population ON cities (population);
                CREATE INDEX cities_by_folded_name ON cities (folded_name);
                CREATE INDEX favourites_by_city ON favourites (city_id);
                ANALYZE;
                """
        )
    }

    /// Gives favourites an identifier and users a role, and creates a view of each table with the names of other tables.
    @Sendable
    private static func createResources(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE identified_favourites (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    city_id INTEGER NOT NULL REFERENCES cities (id) ON DELETE CASCADE,
                    UNIQUE (user_id, city_id)
                );
                INSERT INTO identified_favourites (user_id, city_id) SELECT user_id, city_id FROM favourites;
                DROP TABLE favourites;
                ALTER TABLE identified_favourites RENAME TO favourites;
                CREATE INDEX favourites_by_city ON favourites (city_id);
                CREATE VIEW named_favourites AS
                    SELECT favourites.*, cities.name AS city_name FROM favourites JOIN cities ON cities.id = city_id;
                ALTER TABLE users ADD COLUMN is_editor BOOLEAN NOT NULL DEFAULT FALSE;
                UPDATE users SET is_editor = TRUE WHERE id = 'alice';
                """
        )
        for language in ["en", "de"] {
            try db.execute(
                sql: """
                    CREATE VIEW cities_\(language) AS
                        SELECT cities.*, COALESCE(country_names.name, country_code) AS country_name FROM cities
                        LEFT JOIN country_names ON code = country_code AND language = '\(language)';
                    CREATE VIEW countries_\(language) AS
                        SELECT countries.*, COALESCE(name, countries.code) AS name FROM countries
                        LEFT JOIN country_names ON country_names.code = countries.code AND language = '\(language)';
                    """
            )
        }
    }
}
