#if PostgreSQL
import PostgreSQLTransport

/// Fills the tables of a PostgreSQL database: one statement for each table, with an array for each column.
struct PostgreSQLDataImport {
    let connection: PostgreSQLConnection

    /// Fills the tables. The caller runs it in one transaction.
    func run() async throws {
        let files = try DataFiles()
        let countries = files.countries.records
        try await insert(
            into: "countries", ["text", "text", "bigint", "text", "text"],
            [
                .texts(countries.map { $0[0] }), .texts(countries.map { $0[2] }),
                .integers(countries.map { Int64($0[3]) }), .texts(countries.map { $0[4] }),
                .texts(countries.map { $0[5] }),
            ])
        try await insert(
            into: "country_names", ["text", "text", "text"],
            (0..<3).map { column in .texts(files.countryNames.map { $0[column] }) })
        try await insertCities(files.cities.records)
        try await insert(
            into: "users", ["text", "text", "text", "boolean"],
            [
                .texts(files.users.map(\.0)), .texts(files.users.map(\.1)), .texts(files.users.map(\.2)),
                .booleans(files.users.map(\.3)),
            ])
        files.reportEnd()
    }

    private func insertCities(_ cities: [[String]]) async throws {
        try await insert(
            into: """
                cities (id, name, folded_name, country_code, admin1_code, population, latitude, longitude, timezone)
                """,
            [
                "bigint", "text", "text", "text", "text", "bigint", "double precision", "double precision", "text",
            ],
            [
                .integers(cities.map { Int64($0[0]) }), .texts(cities.map { $0[1] }),
                .texts(cities.map { $0[1].foldedForSearch }), .texts(cities.map { $0[2] }),
                .texts(cities.map { $0[3] }), .integers(cities.map { Int64($0[4]) }),
                .numbers(cities.map { Double($0[5]) }), .numbers(cities.map { Double($0[6]) }),
                .texts(cities.map { $0[7] }),
            ])
        // The next city gets the identifier after the largest one.
        _ = try await connection.execute(
            "SELECT setval(pg_get_serial_sequence('cities', 'id'), (SELECT max(id) FROM cities))")
    }

    private func insert(into table: String, _ types: [String], _ columns: [PostgreSQLValue]) async throws {
        let arrays = types.enumerated().map { "$\($0 + 1)::\($1)[]" }.joined(separator: ", ")
        _ = try await connection.execute("INSERT INTO \(table) SELECT * FROM unnest(\(arrays))", columns)
    }
}
#endif
