public import BulkOperations
public import HTTPPipeline
public import Repositories
import Testing

/// A suite of checks that every `BulkQueue` must pass. Run it in a test of a queue:
///
/// ```swift
/// @Test func `Behaves as every queue does`() async throws {
///     try await BulkQueueSuite { fields, settings, time in
///         let database = try DatabaseQueue()
///         try await database.write { db in
///             for statement in RepositorySuite.schema { try db.execute(sql: statement) }
///         }
///         let queue = try SQLiteBulkQueue(in: database, settings: settings, clock: time)
///         return (queue, SQLiteRepository(fields, in: database))
///     }.run()
/// }
/// ```
///
/// The suite controls the time, so it does not sleep.
public struct BulkQueueSuite: Sendable {
    /// Creates an empty queue and a repository of its database, in the table ``RepositorySuite/schema`` creates.
    public typealias MakeQueue =
        @Sendable (FieldSet, BulkQueueSettings, any TimeSource) async throws -> (any BulkQueue, any Repository)

    private let makeQueue: MakeQueue

    /// Creates a suite for the queues that a closure creates.
    ///
    /// - Parameter makeQueue: Creates a queue with the given settings and time, and a repository with the given fields. Both are empty.
    public init(_ makeQueue: @escaping MakeQueue) {
        self.makeQueue = makeQueue
    }

    /// Runs every check, each with its own queue.
    public func run() async throws {
        try await hidesUploads()
        try await endsUploadsThatTakeTooLong()
        try await completesWithoutItems()
        try await findsEarlierOperations()
        try await limitsOperationsOfUsers()
        try await limitsBytesOfUsers()
        try await listsOperations()
        try await removesExpiredOperations()
        try await leasesInOrder()
        try await takesUsersInTurn()
        try await starvesNoOperation()
        try await leasesKnownResourcesOnly()
        try await fencesExpiredLeases()
        try await extendsLeases()
        try await repeatsTheAcknowledgement()
        try await retriesWithDelay()
        try await halvesFailingChunks()
        try await endsOperationsOfFailingDatabases()
        try await forgivesWorkersThatStop()
        try await countsOutcomes()
        try await writesAllOrNothing()
        try await undoesDryRuns()
        try await endsAfterTooManyErrors()
        try await cancels()
        try await cancelsLeasedChunks()
        try await cancelsDuringTransactions()
        try await readsParts()
    }

    func make(_ configure: (inout BulkQueueSettings) -> Void = { _ in }) async throws -> QueueFixture {
        var settings = BulkQueueSettings()
        settings.leaseDuration = .seconds(30)
        settings.retryDelay = .seconds(1)
        configure(&settings)
        let time = ManualTimeSource()
        let (queue, repository) = try await makeQueue(RepositorySuite.fields, settings, time)
        #expect(queue.accepts(repository), "the repository is one of the queue's database")
        return QueueFixture(queue: queue, repository: repository, time: time)
    }
}
