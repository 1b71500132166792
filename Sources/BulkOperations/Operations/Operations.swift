public import HTTPSemantics
import Logging

/// Operations on many rows, which workers carry out while clients watch: django-drf-extensions' `AsyncOperationsMixin`.
///
/// ```swift
/// let operations = Operations(in: try SQLiteBulkQueue(in: database))
/// let cities = Resource("cities", over: repository) { Bulk(operations) }
/// router.add(cities)
/// router.add(operations)
/// let worker = OperationWorker(of: operations, for: cities)     // a service of the application
/// ```
///
/// | request | response |
/// |---|---|
/// | `POST`, `PATCH`, `PUT` or `DELETE /cities/operations` with JSON, JSON Lines or CSV | 202 with `task_id` and `status_url` |
/// | `GET /operations` | the operations of the user |
/// | `GET /operations/{id}/status` | how far it is, also as an event stream |
/// | `DELETE /operations/{id}/status` | cancels it |
/// | `GET /operations/{id}/results?outcome=failed` | what happened with each item, as JSON, JSON Lines or CSV |
public struct Operations: Sendable {
    /// The queue.
    public let queue: any BulkQueue

    /// The settings.
    public let settings: Settings

    let clock: any TimeSource
    let logger = Logger(label: "BulkOperations")

    /// Creates operations.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - settings: The settings before the closure changes them.
    ///   - clock: The time.
    ///   - configure: Changes the settings.
    public init(
        in queue: any BulkQueue, _ settings: Settings = Settings(), clock: any TimeSource = SystemTimeSource(),
        configure: (inout Settings) -> Void = { _ in }
    ) {
        var settings = settings
        configure(&settings)
        (self.queue, self.settings, self.clock) = (queue, settings, clock)
    }

    /// The settings of operations.
    public struct Settings: Sendable {
        /// The path of the routes for operations, as clients see it.
        public var path = "/operations"

        /// The number of items of a chunk, which is one transaction: django-drf-extensions' `DRF_EXT_CHUNK_SIZE`.
        ///
        /// Small chunks cost more: on SQLite, chunks of 1000 rows take twice the time of one transaction, and chunks of 5000 rows 1.2
        /// times.
        public var chunkItemCount = 5000

        /// The maximum number of bytes of a chunk.
        public var chunkByteCount = 2 << 20

        /// The maximum number of items of an operation: `DRF_EXT_MAX_RECORDS`.
        public var maximumItemCount = 1_000_000

        /// The maximum number of bytes of an upload.
        public var maximumUploadByteCount = 256 << 20

        /// The maximum number of bytes of an unpacked upload.
        public var maximumUnpackedByteCount = 1 << 30

        /// The number of rows that a repository writes at once, or nil for that of the queue: `DRF_EXT_BATCH_SIZE`.
        public var batchItemCount: Int?

        /// The number of items after which a stream has another event: `DRF_EXT_PROGRESS_UPDATE_INTERVAL`. Progress is known after each
        /// chunk.
        public var progressItemCount = 1

        /// The least time between two events of a stream, and between two of its reads of the database.
        public var progressInterval = Duration.milliseconds(200)

        /// The number of failed items above which an atomic operation or a dry run ends, unless the request says a smaller one.
        public var maximumTransactionErrorCount = 10_000

        /// The maximum number of rows that an operation reads.
        public var maximumReadCount = 10_000

        /// The maximum time for reading rows: `DRF_EXT_QUERY_TIMEOUT`.
        public var readTimeout = Duration.seconds(300)

        /// The maximum number of keys that GET reads directly.
        public var maximumDirectReadCount = 100

        /// The number of written rows above which the statistics of the table are updated after an operation, or nil for never:
        /// `DRF_EXT_AUTO_OPTIMIZE_QUERIES`.
        public var optimizedRowCount: Int? = 10_000

        /// The maximum time that a request waits for its operation with `Prefer: wait`.
        public var maximumWait = Duration.seconds(30)

        /// The maximum number of failures and keys in a status.
        public var maximumListedCount = 100

        /// Whether failures show in the status of the response to `Prefer: wait`. Otherwise it is 200.
        public var reportsFailuresInStatus = true

        /// Creates the recommended settings.
        public init() {}

        /// The settings of django-drf-extensions.
        public static let drf: Settings = {
            var settings = Settings()
            settings.path = "/api/operations"
            settings.chunkItemCount = 100
            settings.maximumItemCount = 10_000
            settings.batchItemCount = 1000
            settings.progressItemCount = 10
            settings.reportsFailuresInStatus = false
            return settings
        }()
    }
}
