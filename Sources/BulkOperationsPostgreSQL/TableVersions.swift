#if PostgreSQL
import BulkOperations
import PostgreSQLTransport

/// The versions of the tables of this module, in the table `bulk_versions`.
///
/// Migrations of the application in the same database do not know them.
enum TableVersions {
    /// The first key of the module's advisory locks: "bulk" in ASCII.
    static let lockClass = 0x6275_6C6B

    /// Creates the tables of a component that do not exist yet.
    ///
    /// Instances that start at once wait for each other at an advisory lock, and the statements of all versions are one transaction. If the
    /// tables exist, nothing is written, so the user of the database needs no right to create tables then.
    ///
    /// - Parameters:
    ///   - component: The name of the component.
    ///   - versions: The statements of each version. Those of a released version never change.
    ///   - client: The database.
    /// - Throws: `UnknownTableVersion` for tables of a later version of the library, and `PostgreSQLError`.
    static func migrate(_ component: String, _ versions: [String], in client: PostgreSQLClient) async throws {
        let current = try await client.withConnection { try await version(of: component, $0) }
        if try isComplete(component, current, versions.count) { return }
        try await client.withTransaction { connection in
            try await lock(connection)
            // What the operator permits for requests may be too short for changes of large tables.
            try await connection.executeScript("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            // Before the table is read: a name that did not exist is remembered until a statement uses the table.
            try await connection.executeScript(
                """
                CREATE TABLE IF NOT EXISTS bulk_versions (component text PRIMARY KEY, version bigint NOT NULL)
                """)
            let current = try await version(of: component, connection)
            if try isComplete(component, current, versions.count) { return }
            for statements in versions[current...] { try await connection.executeScript(statements) }
            _ = try await connection.execute(
                """
                INSERT INTO bulk_versions VALUES ($1, $2)
                ON CONFLICT (component) DO UPDATE SET version = excluded.version
                """, [.text(component), .integer(Int64(versions.count))])
        }
    }

    /// Waits for the lock, however long another instance has it: the client and the server limit the time of each statement.
    private static func lock(_ connection: PostgreSQLConnection) async throws {
        while true {
            do {
                return try await connection.withSavepoint {
                    _ = try await connection.execute(
                        "SELECT pg_advisory_xact_lock($1::int, 0)", [.integer(Int64(lockClass))])
                }
            } catch let error as PostgreSQLError where ["57014", "55P03"].contains(error.sqlState) {
                try Task.checkCancellation()
            }
        }
    }

    private static func isComplete(_ component: String, _ found: Int, _ known: Int) throws -> Bool {
        guard found <= known else { throw UnknownTableVersion(component: component, found: found, known: known) }
        return found == known
    }

    private static func version(of component: String, _ connection: PostgreSQLConnection) async throws -> Int {
        let table = try await connection.execute("SELECT to_regclass('bulk_versions') IS NOT NULL")
        guard table.boolean(0, 0) == true else { return 0 }
        let result = try await connection.execute(
            "SELECT version FROM bulk_versions WHERE component = $1", [.text(component)])
        return result.rowCount == 0 ? 0 : Int(result.integer(0, 0) ?? 0)
    }
}
#endif
