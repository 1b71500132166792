import GRDB

/// Reads and writes cities.
struct CityRepository: Sendable {
    let database: CitiesDatabase

    /// The cities that a query asks for, and how many there are on all pages.
    func page(_ query: CityListQuery, language: String) async throws -> CityPage {
        let conditions = Self.conditions(of: query)
        return try await database.read { db in
            let count: SQLRequest<Int> = "SELECT COUNT(*) FROM cities WHERE \(conditions)"
            let cities: SQLRequest<City> = """
                \(Self.select(language: language)) WHERE \(conditions) ORDER BY \(sql: query.order.sql)
                LIMIT \(query.pageSize) OFFSET \((query.page - 1) * query.pageSize)
                """
            return CityPage(count: try count.fetchOne(db) ?? 0, query: query, results: try cities.fetchAll(db))
        }
    }

    /// The city with an identifier.
    ///
    /// - Throws: ``APIError`` when there is none; also from the methods that write, which then write nothing.
    func city(_ id: Int64, language: String) async throws -> City {
        try await database.read { db in try Self.city(id, language: language, in: db) }
    }

    /// Adds a city.
    func insert(_ input: CityInput, language: String) async throws -> City {
        try await database.write { db in
            let columns = input.columns.map(\.name).joined(separator: ", ")
            let marks = databaseQuestionMarks(count: input.columns.count)
            try db.execute(
                sql: "INSERT INTO cities (\(columns)) VALUES (\(marks))",
                arguments: StatementArguments(input.columns.map(\.value))
            )
            return try Self.city(db.lastInsertedRowID, language: language, in: db)
        }
    }

    /// Writes the submitted columns of a city, and no other.
    ///
    /// - Returns: The city as it is then.
    func update(_ id: Int64, with input: CityInput, language: String) async throws -> City {
        guard !input.columns.isEmpty else { return try await city(id, language: language) }
        let assignments = input.columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        return try await database.write { db in
            try db.execute(
                sql: "UPDATE cities SET \(assignments) WHERE id = ?",
                arguments: StatementArguments(input.columns.map(\.value) + [id.databaseValue])
            )
            return try Self.city(id, language: language, in: db)
        }
    }

    /// Deletes a city.
    func delete(_ id: Int64) async throws {
        try await database.write { db in
            try db.execute(literal: "DELETE FROM cities WHERE id = \(id)")
            guard db.changesCount > 0 else { throw APIError.noCity("\(id)") }
        }
    }

    /// The beginning of a statement that reads cities.
    static func select(language: String) -> SQL {
        """
        SELECT cities.*, COALESCE(country_names.name, cities.country_code) AS country_name FROM cities
        LEFT JOIN country_names ON country_names.code = cities.country_code AND country_names.language = \(language)
        """
    }

    private static func city(_ id: Int64, language: String, in db: Database) throws -> City {
        let request: SQLRequest<City> = "\(select(language: language)) WHERE id = \(id)"
        guard let city = try request.fetchOne(db) else { throw APIError.noCity("\(id)") }
        return city
    }

    private static func conditions(of query: CityListQuery) -> SQL {
        var conditions: [SQL] = []
        if let country = query.country { conditions.append("country_code = \(country)") }
        if let population = query.minimumPopulation { conditions.append("population >= \(population)") }
        if let prefix = query.namePrefix?.foldedForSearch {
            // Two comparisons use the index where LIKE would not. No name holds the last code point of Unicode.
            conditions.append("folded_name >= \(prefix) AND folded_name < \(prefix + "\u{10FFFF}")")
        }
        return conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
    }
}
