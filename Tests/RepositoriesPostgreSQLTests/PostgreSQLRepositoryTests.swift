#if PostgreSQL
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import TestSupport
import Testing

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason))
struct PostgreSQLRepositoryTests {
    /// The options of databases with other collations than that of bytes.
    static let options: [String?] = [
        nil, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'",
    ]

    @Test(arguments: options) func `Behaves as every repository does`(options: String?) async throws {
        try await TestDatabase.with(options) { database in
            try await RepositorySuite { fields in
                try await Self.createTable(database)
                let repository = PostgreSQLRepository(fields, in: database.client)
                try await repository.check()
                return repository
            }.run()
        }
    }

    @Test func `The repository of the guide behaves as every repository does`() async throws {
        try await TestDatabase.with { database in
            try await RepositorySuite { fields in
                try await Self.createTable(database)
                return RowByRowRepository(
                    fields: fields, client: database.client,
                    constraints: ["suite_places_pkey": ["id"], "suite_places_name": ["name", "country"]])
            }.run()
        }
    }

    private static func createTable(_ database: TestDatabase) async throws {
        try await database.run("DROP TABLE IF EXISTS suite_places")
        for statement in RepositorySuite.schema {
            try await database.run(statement.replacing("INTEGER PRIMARY KEY", with: "BIGSERIAL PRIMARY KEY"))
        }
    }
}
#endif
