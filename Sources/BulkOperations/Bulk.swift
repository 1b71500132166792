public import HTTPPipeline
import HTTPTypes
public import Repositories
public import Resources

/// Bulk operations of a resource: writes to all rows that filters select, and upserts of several rows.
///
/// ```swift
/// let cities = Resource("cities", over: repository) {
///     Permissions { exchange, action in action.isReading || exchange.userID != nil ? .all : .refused }
///     Bulk()
/// }
/// ```
///
/// | request | response |
/// |---|---|
/// | `DELETE /cities?country_code=AD&population__lt=1000` | 204: one statement deletes the selected rows |
/// | `PATCH /cities?country_code=AD` with one object | 204: one statement sets the fields in the selected rows |
/// | `POST`, `PATCH` or `PUT /cities/upsert?unique_fields=name,country_code` with an object or an array | 200, 207 or 400 |
///
/// The first two need the field of a ``BulkGuard``. Their responses have the number of rows in `Bulk-Affected`. With
/// `Prefer: max-affected=100`, a write to more rows changes nothing (400), and with `dry_run=true` the number is counted only.
///
/// With ``Operations``, `/cities/operations` takes any number of items.
///
/// The access rule must permit `bulkDestroy` and `destroy`, `bulkUpdate` and
/// `partialUpdate`, or `upsert`, `create` and `partialUpdate`. The rows
/// are those that it selects for all of them.
public struct Bulk: ResourceFeature {
    /// The settings of bulk operations.
    public struct Settings: Sendable {
        /// The field that requests for selected rows must have.
        public var guarding = BulkGuard()

        /// The maximum number of items of an upsert: django-drf-extensions' `DRF_EXT_SYNC_UPSERT_MAX_ITEMS`.
        public var maximumUpsertCount = 50

        /// The number of items of an upsert that are written in one transaction, unless it is atomic: `DRF_EXT_SYNC_UPSERT_BATCH_SIZE`.
        public var upsertBatchCount = 1000

        /// The maximum time for writing a batch: `DRF_EXT_SYNC_UPSERT_TIMEOUT`. After it the response is 503, and it is unknown whether the
        /// batch was written.
        public var upsertTimeout = Duration.seconds(30)

        /// Whether an upsert with failed items has the status 207 or 400. Otherwise it has 200 like that of django-drf-extensions.
        public var reportsFailuresInStatus = true

        /// The store of idempotency keys; nil, the default, ignores Idempotency-Key.
        ///
        /// With a store, an upsert with a key is written once, and its repetitions receive the first response: see
        /// ``IdempotencyMiddleware``. Keys need a user.
        public var idempotency: (any IdempotencyStore)?

        /// Is called before a write to selected rows, with the fields to set, or nil for a deletion. What it throws refuses the request.
        public var willWrite: (@Sendable (Selection, RowBatch?, Exchange) async throws -> Void)?

        /// Is called after a write to selected rows, with the number of changed rows.
        public var didWrite: (@Sendable (Int, Exchange) async throws -> Void)?

        /// Creates the recommended settings.
        public init() {}

        /// The settings of drf-extensions and django-drf-extensions.
        public static let drf: Settings = {
            var settings = Settings()
            settings.guarding = .drf
            settings.reportsFailuresInStatus = false
            return settings
        }()
    }

    private let settings: Settings
    private let operations: Operations?

    /// Declares bulk operations that are carried out at once.
    ///
    /// - Parameters:
    ///   - settings: The settings before the closure changes them.
    ///   - configure: Changes the settings.
    public init(_ settings: Settings = Settings(), configure: (inout Settings) -> Void = { _ in }) {
        self.init(operations: nil, settings, configure)
    }

    /// Declares bulk operations, also those that workers carry out.
    ///
    /// - Parameters:
    ///   - operations: The operations that workers carry out.
    ///   - settings: The settings before the closure changes them.
    ///   - configure: Changes the settings.
    public init(
        _ operations: Operations, _ settings: Settings = Settings(), configure: (inout Settings) -> Void = { _ in }
    ) {
        self.init(operations: operations, settings, configure)
    }

    private init(operations: Operations?, _ settings: Settings, _ configure: (inout Settings) -> Void) {
        var settings = settings
        configure(&settings)
        (self.settings, self.operations) = (settings, operations)
    }

    /// Adds the actions.
    public func apply(to settings: inout ResourceSettings) {
        let matching = MatchingWrites(settings: self.settings, maximumBodySize: settings.maximumBodySize)
        let upserts = Upserts(
            settings: self.settings, maximumBodySize: settings.maximumBodySize, hasOperations: operations != nil)
        let writes: [(String, HTTPRequest.Method, ResourceAction)] = [
            ("bulk-destroy", .delete, .destroy), ("bulk-update", .patch, .partialUpdate),
        ]
        var actions = writes.map { name, method, included in
            CollectionAction(
                (name, method), isOnItsPath: true, including: [included],
                parameters: MatchingWrites.parameters.map(\.rawValue), Self.responding(matching.reply)
            ).described { matching.describe(method, at: $0, &$1) }
        }
        for method in [HTTPRequest.Method.post, .patch, .put] {
            actions.append(
                CollectionAction(
                    ("upsert", method), including: [.create, .partialUpdate],
                    parameters: Upserts.parameters.map(\.rawValue),
                    keeping(Self.responding(upserts.reply), upTo: settings.maximumBodySize)
                ).unfiltered().described { upserts.describe(at: $0, &$1) })
        }
        if let operations { actions += self.actions(of: operations) }
        for action in actions { action.apply(to: &settings) }
    }

    private func actions(of operations: Operations) -> [CollectionAction] {
        let submission = OperationSubmission(operations: operations)
        let reading = OperationReads(operations: operations)
        let writes: [(HTTPRequest.Method, ResourceAction)] = [
            (.post, .create), (.patch, .partialUpdate), (.put, .update), (.delete, .destroy),
        ]
        let query = HTTPRequest.Method("QUERY")!
        return writes.map { method, included in
            CollectionAction(
                ("operations", method), including: [included],
                parameters: OperationSubmission.parameters(of: method).map(\.rawValue),
                Self.responding(submission.reply)
            ).unfiltered().described { submission.describe(method, at: $0, &$1) }
        }
            + [HTTPRequest.Method.get, query].map { method in
                CollectionAction(
                    ("operations", method), including: [], parameters: OperationReads.parameters.map(\.rawValue),
                    Self.responding(reading.reply)
                ).described { reading.describe(at: $0, &$1) }
            }
    }

    /// Returns a handler that runs once for each idempotency key, if there is a store for them.
    private func keeping(
        _ handle: @escaping @Sendable (CollectionRequest, Exchange) async throws -> Reply, upTo maximumSize: Int
    ) -> @Sendable (CollectionRequest, Exchange) async throws -> Reply {
        guard let store = settings.idempotency else { return handle }
        var settings = IdempotencySettings()
        settings.maximumRequestSize = maximumSize
        // A report repeats the failed items.
        settings.maximumResponseSize = max(settings.maximumResponseSize, 2 * min(maximumSize, 1 << 30))
        let keeper = IdempotencyKeeper(store: LoggedIdempotencyStore(store), settings: settings)
        return { request, exchange in
            try await keeper.respond(to: exchange) { try await handle(request, $0) }
        }
    }

    /// Returns a handler whose refusals are responses.
    private static func responding(
        _ handle: @escaping @Sendable (CollectionRequest, Exchange) async throws -> Reply
    ) -> @Sendable (CollectionRequest, Exchange) async throws -> Reply {
        { request, exchange in
            do {
                return try await handle(request, exchange)
            } catch let refusal as BulkRefusal {
                return refusal.details.reply(to: exchange.request)
            }
        }
    }
}

extension ResourceAction {
    /// DELETE of the rows that filters select, see ``Bulk``.
    public static let bulkDestroy = extra("bulk-destroy")
    /// PATCH of the rows that filters select, see ``Bulk``.
    public static let bulkUpdate = extra("bulk-update")
    /// An upsert of several rows, see ``Bulk``.
    public static let upsert = extra("upsert")
    /// An operation that a worker carries out, see ``Operations``.
    public static let operations = extra("operations")
}
