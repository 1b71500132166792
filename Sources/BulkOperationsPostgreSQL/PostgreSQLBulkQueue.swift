#if PostgreSQL
public import BulkOperations
public import HTTPPipeline
public import PostgreSQLTransport
public import Repositories
import RepositoriesPostgreSQL
public import ServiceLifecycle

/// A queue of operations in the PostgreSQL database of the rows, for any number of servers and workers.
///
/// ```swift
/// let client = try PostgreSQLClient(url: "postgres://places@db.example/places")
/// let queue = try await PostgreSQLBulkQueue(in: client)
/// let group = ServiceGroup(services: [client, queue, worker, application], logger: logger)
/// ```
///
/// It carries out operations on `PostgreSQLRepository`s of the same `PostgreSQLClient`. A chunk is leased with `FOR UPDATE SKIP LOCKED`, so
/// workers do not wait for each other. Its rows, its outcome and its acknowledgement are one transaction, which holds the lock of the lease.
///
/// Leases expire by the clock of the database. The clocks of the machines need not agree.
///
/// The queue is also a service: while it runs, it listens for the changes of other processes and wakes the workers and the event streams of
/// this one. Without it, and while the connection is lost, they look for changes at intervals.
///
/// The tables are named `bulk_...`. The queue creates them.
public struct PostgreSQLBulkQueue: BulkQueue, Service {
    /// Wakes the tasks of this process that wait for changes.
    public let changes = OperationChanges()

    /// What the queue does with time.
    public let settings: BulkQueueSettings

    /// 10,000: all rows of a usual chunk are one statement.
    public var batchItemCount: Int { 10_000 }

    /// The channel of `NOTIFY`.
    static let channel = "bulk_changes"

    let client: PostgreSQLClient
    let time: QueueTime
    /// The payload of the notifications of this queue, which it has no need to hear.
    private let name = "\(UInt64.random(in: 0 ... .max))"

    /// Opens the queue of a database, and creates its tables unless they exist. Two instances can do so at once.
    ///
    /// - Parameters:
    ///   - client: The database of the rows.
    ///   - settings: The settings before the closure changes them.
    ///   - clock: The time, or nil for the clock of the database. A clock is for tests: all processes need the same.
    ///   - configure: Changes the settings.
    /// - Throws: `PostgreSQLError`, and an error for tables of a later version of the library.
    public init(
        in client: PostgreSQLClient, settings: BulkQueueSettings = BulkQueueSettings(), clock: (any TimeSource)? = nil,
        configure: (inout BulkQueueSettings) -> Void = { _ in }
    ) async throws {
        var settings = settings
        configure(&settings)
        (self.client, self.settings, time) = (client, settings, QueueTime(source: clock))
        try await TableVersions.migrate("queue", QueueTables.versions, in: client)
    }

    /// Returns whether the queue can carry out operations on a repository: on a `PostgreSQLRepository` of its client, also if others wrap it.
    public func accepts(_ repository: any Repository) -> Bool { self.repository(repository) != nil }

    func repository(_ repository: any Repository) -> PostgreSQLRepository? {
        guard let repository = repository.innermost as? PostgreSQLRepository, repository.client === client else {
            return nil
        }
        return repository
    }

    // MARK: Transactions

    /// SQL for the first statement of a transaction, whose parameter with a number is ``idleLimit``: the server ends the session if the process
    /// stops in the middle of the transaction. Others wait for its locks no longer than for a lease.
    static func limitingIdleTime(_ parameter: Int) -> String {
        "set_config('idle_in_transaction_session_timeout', $\(parameter), true)"
    }

    /// The time of a lease in milliseconds, and at least one second: a process that has much to do has not stopped.
    var idleLimit: PostgreSQLValue { .text("\(max(settings.leaseDuration.nanoseconds / 1_000_000, 1000))") }

    /// Does the same in a statement of its own.
    func limitIdleTime(_ connection: PostgreSQLConnection) async throws {
        _ = try await connection.execute("SELECT \(Self.limitingIdleTime(1))", [idleLimit])
    }

    // MARK: Changes

    /// Listens for the changes of other processes until the task is cancelled or the service shuts down gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var next = ContinuousClock.now
            for await payload in client.notifications(on: Self.channel) {
                // Nil after a reconnect: some notifications may have been lost.
                let change = payload.map { $0.split(separator: " ") } ?? []
                if change.first == name[...] { continue }
                if change.last == Change.progress.rawValue[...], ContinuousClock.now < next { continue }
                changes.notify()
                next = .now + Self.progressInterval
            }
        }
    }

    /// What other processes may want to know.
    enum Change: String {
        /// Chunks are ready, or an operation has ended.
        case state
        /// An operation has another chunk less.
        case progress
    }

    /// The least time between two changes of other processes that are only progress. Idle workers look for chunks after each.
    private static let progressInterval = Duration.milliseconds(200)

    /// Wakes the tasks of all processes that wait for changes.
    ///
    /// The notification is a transaction of its own, after that of the change: PostgreSQL commits transactions that notify one after the
    /// other, and one that writes nothing takes no time for it. If it is lost, others find the change when they look.
    func announce(_ change: Change = .state) async {
        changes.notify()
        _ = try? await client.execute(
            "SELECT pg_notify('\(Self.channel)', $1)", [.text("\(name) \(change.rawValue)")])
    }
}
#endif
