import BulkOperations
import Logging
import Repositories

#if GRDB
import BulkOperationsSQLite
import GRDB
import RepositoriesSQLite

/// Opens a file.
func openSQLite(
    _ path: String, _ fields: FieldSet, _ settings: BulkQueueSettings
) throws -> (any BulkQueue, any Repository) {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    let database = try DatabasePool(path: path, configuration: configuration)
    return (try SQLiteBulkQueue(in: database, settings: settings), SQLiteRepository(fields, in: database))
}
#else
func openSQLite(
    _ path: String, _ fields: FieldSet, _ settings: BulkQueueSettings
) throws -> (any BulkQueue, any Repository) {
    throw MissingTrait()
}
#endif

#if PostgreSQL
import BulkOperationsPostgreSQL
import PostgreSQLTransport
import RepositoriesPostgreSQL

/// Opens the database of a URL.
func openPostgreSQL(
    _ url: String, _ fields: FieldSet, _ settings: BulkQueueSettings
) async throws -> (any BulkQueue, any Repository) {
    let client = try PostgreSQLClient(url: url) {
        $0.maximumConnections = 4
        $0.logger.logLevel = .critical
    }
    while true {
        do {
            let queue = try await PostgreSQLBulkQueue(in: client, settings: settings)
            return (queue, PostgreSQLRepository(fields, in: client))
        } catch let error as PostgreSQLError where error.isTransient {
            // The test may have killed the server.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
#else
func openPostgreSQL(
    _ url: String, _ fields: FieldSet, _ settings: BulkQueueSettings
) async throws -> (any BulkQueue, any Repository) {
    throw MissingTrait()
}
#endif

/// The error of a database whose package trait is not enabled.
struct MissingTrait: Error {}
