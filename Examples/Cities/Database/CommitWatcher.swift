import GRDB
import Logging
import Resources
import ServiceLifecycle

/// A service that invalidates cached responses after commits of other processes on the same SQLite database.
struct CommitWatcher: Service {
    let pool: DatabasePool
    /// A resource with the version stamp of all.
    let cities: Resource
    let logger: Logger

    /// The time between two looks at the database.
    private static let interval = Duration.milliseconds(200)

    func run() async throws {
        var known: Int?
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let version = try await version()
                if let known, known != version { await cities.invalidate() }
                known = version
            } catch {
                logger.warning("looking for changes of other processes failed", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
    }

    /// Returns a number that changes with each commit of other connections. All writes of this process have the pool's connection
    /// for writing, so those are connections of other processes.
    private func version() async throws -> Int? {
        try await pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA data_version") }
    }
}
