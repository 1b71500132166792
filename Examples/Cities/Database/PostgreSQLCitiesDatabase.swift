#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import Logging
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import Resources
import ServiceLifecycle

/// A PostgreSQL database, which servers and workers on several machines share.
struct PostgreSQLCitiesDatabase: CitiesDatabase {
    let client: PostgreSQLClient
    let writes: WriteTrace

    /// The key of the lock under which the tables are created.
    private static let lock: Int64 = 0x6369_7469_6573

    /// Connects to a server, creates and fills the tables if they do not exist, and compares them with the fields.
    ///
    /// - Throws: The errors of PostgreSQL and of the data files, and `SchemaMismatch` for other tables.
    static func open(_ url: String, logger: Logger) async throws -> PostgreSQLCitiesDatabase {
        let writes = WriteTrace()
        let client = try PostgreSQLClient(url: url) {
            $0.logger = logger
            $0.onStatement = { sql in writes.record(sql) { sql } }
        }
        try await client.withTransaction { connection in
            // One of several instances that start together fills the database, while the others wait.
            _ = try await connection.execute("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
            let found = try await connection.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'cities' AND schemaname = current_schema())")
            guard found.boolean(0, 0) != true else { return }
            try await connection.executeScript(PostgreSQLSchema.tables)
            try await PostgreSQLDataImport(connection: connection).run()
            try await connection.executeScript(PostgreSQLSchema.indexesAndViews)
        }
        for fields in [
            CityFields.named(in: "en"), CityFields.named(in: "de"), CountryFields.named(in: "en"),
            CountryFields.named(in: "de"), UserFields.all, FavouriteFields.all,
        ] {
            try await PostgreSQLRepository(fields, in: client).check()
        }
        return PostgreSQLCitiesDatabase(client: client, writes: writes)
    }

    var services: [any Service] { [client] }

    func repository(_ fields: FieldSet) -> any Repository { PostgreSQLRepository(fields, in: client) }

    func queue(_ settings: BulkQueueSettings) async throws -> any BulkQueue {
        try await PostgreSQLBulkQueue(in: client, settings: settings)
    }

    func idempotencyStore() async throws -> any IdempotencyStore { try await PostgreSQLIdempotencyStore(in: client) }

    func users() async throws -> Users {
        let rows = try await client.execute("SELECT token, id, is_editor FROM users")
        var users: Users = ([:], [])
        for row in 0..<rows.rowCount {
            guard let token = rows.text(row, 0), let id = rows.text(row, 1) else { continue }
            users.byToken[token] = id
            if rows.boolean(row, 2) == true { users.editors.insert(id) }
        }
        return users
    }

    func watcher(invalidating cities: Resource, logger: Logger) -> any Service {
        NotificationWatcher(client: client, cities: cities)
    }
}

/// A service that invalidates cached responses after each write to a PostgreSQL database, for a cache in the memory of this process.
///
/// A trigger of each table notifies it.
struct NotificationWatcher: Service {
    let client: PostgreSQLClient
    /// A resource with the version stamp of all.
    let cities: Resource

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in client.notifications(on: PostgreSQLSchema.channel) { await cities.invalidate() }
        }
    }
}
#endif
