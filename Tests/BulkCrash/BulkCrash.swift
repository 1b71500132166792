#if GRDB
import BulkOperations
import BulkOperationsSQLite
import Foundation
import GRDB
import Logging
import Repositories
import RepositoriesSQLite
import Resources

/// A worker that a test kills, stops and starts again:
///
/// ```
/// BulkCrash PATH CHUNK_SIZE LEASE_MILLISECONDS
/// ```
///
/// It carries out the operations of the resource `rows` in the database at the path until it is killed.
@main
struct BulkCrash {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let chunkSize = Int(arguments[2]), let lease = Int(arguments[3]) else {
            print("BulkCrash PATH CHUNK_SIZE LEASE_MILLISECONDS")
            exit(2)
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        let database = try DatabasePool(path: arguments[1], configuration: configuration)
        var settings = BulkQueueSettings()
        settings.leaseDuration = .milliseconds(lease)
        settings.retryDelay = .milliseconds(20)
        let queue = try SQLiteBulkQueue(in: database, settings: settings)
        // No two rows are the same for the database, so it does not refuse a row that is written twice.
        let fields = FieldSet("crash_rows", Field.integer("id").key(), Field.integer("number"), Field.text("text"))
        let resource = Resource("rows", over: SQLiteRepository(fields, in: database))
        let operations = Operations(in: queue) {
            $0.chunkItemCount = chunkSize
            $0.batchItemCount = chunkSize
        }
        var logger = Logger(label: "BulkCrash") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let worker = OperationWorker(of: operations, for: resource, logger: logger) {
            $0.pollInterval = .milliseconds(20)
            $0.metrics = nil
        }
        try await worker.run()
    }
}
#else
@main
struct BulkCrash {
    static func main() {}
}
#endif
