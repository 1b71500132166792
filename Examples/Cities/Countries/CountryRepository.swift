import GRDB

/// Reads countries, which do not change after the first start.
struct CountryRepository: Sendable {
    let database: CitiesDatabase

    /// Every country, by code.
    func all(language: String) async throws -> [Country] {
        try await database.read { db in
            let countries: SQLRequest<Country> = """
                SELECT countries.*, COALESCE(country_names.name, countries.code) AS name FROM countries
                LEFT JOIN country_names ON country_names.code = countries.code AND country_names.language = \(language)
                ORDER BY countries.code
                """
            return try countries.fetchAll(db)
        }
    }

    /// The code of every country.
    func codes() async throws -> Set<String> {
        try await database.read { db in try String.fetchSet(db, sql: "SELECT code FROM countries") }
    }
}
