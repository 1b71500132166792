import GRDB

/// Reads and writes cities.
struct CityRepository: Sendable {
    let database: CitiesDatabase

    /// Returns a page of the cities that match a query, and their number on all pages.
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

    /// Returns the city with an identifier.
    ///
    /// - Throws: ``APIError`` when it does not exist. This also holds for the methods that write.
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

    /// Returns the version of a city, which every update increments, or nil when the city does not exist.
    func version(_ id: Int64) async throws -> Int64? {
        try await database.read { db in
            try SQLRequest<Int64>("SELECT version FROM cities WHERE id = \(id)").fetchOne(db)
        }
    }

    /// Writes the submitted columns of a city.
    ///
    /// - Parameters:
    ///   - id: The city.
    ///   - input: The columns.
    ///   - version: The version to replace, or nil for any.
    ///   - language: The language of the result.
    /// - Returns: The updated city.
    /// - Throws: ``APIError`` when the city does not exist or has another version.
    func update(_ id: Int64, with input: CityInput, replacing version: Int64?, language: String) async throws -> City {
        guard !input.columns.isEmpty else { return try await city(id, language: language) }
        let assignments = input.columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        return try await database.write { db in
            try db.execute(
                sql: """
                    UPDATE cities SET \(assignments), version = version + 1
                    WHERE id = ? AND version = COALESCE(?, version)
                    """,
                arguments: StatementArguments(input.columns.map(\.value) + [id.databaseValue, version.databaseValue])
            )
            let city = try Self.city(id, language: language, in: db)
            guard db.changesCount > 0 else { throw APIError.changedMeanwhile }
            return city
        }
    }

    /// Deletes a city.
    ///
    /// - Parameters:
    ///   - id: The city.
    ///   - version: The version to delete, or nil for any.
    /// - Throws: ``APIError`` when the city does not exist or has another version.
    func delete(_ id: Int64, version: Int64?) async throws {
        try await database.write { db in
            try db.execute(
                literal: "DELETE FROM cities WHERE id = \(id) AND version = COALESCE(\(version), version)"
            )
            guard db.changesCount == 0 else { return }
            let isThere = try SQLRequest<Bool>("SELECT EXISTS (SELECT 1 FROM cities WHERE id = \(id))").fetchOne(db)
            throw isThere == true ? APIError.changedMeanwhile : APIError.noCity("\(id)")
        }
    }

    /// The start of a statement that reads cities.
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
            // Two comparisons use the index where LIKE would not. No name contains the last code point of Unicode.
            conditions.append("folded_name >= \(prefix) AND folded_name < \(prefix + "\u{10FFFF}")")
        }
        return conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
    }
}
