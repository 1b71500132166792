import ConcurrencySupport
import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import Resources

/// Creates or updates several rows at once, and returns what happened with each: django-drf-extensions' `SyncUpsertMixin`.
struct Upserts: Sendable {
    let settings: Bulk.Settings
    let maximumBodySize: Int
    /// Whether the resource has operations that take more items.
    let hasOperations: Bool

    func reply(to request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let parameters = exchange.queryParameters
        let fields = request.resource.repository.fields
        let isAtomic = try parameters.flag(.isAtomic) || Preferences(of: exchange.request).isStrict
        try exchange.request.requireJSON()
        let body = try await exchange.body.collect(upTo: maximumBodySize)
        let legacy = try LegacyUpsert(body)
        let upsert = try UpsertFields(
            unique: legacy?.uniqueFields ?? parameters[.uniqueFields],
            updating: legacy.map(\.updateFields) ?? parameters[.updateFields], in: fields)
        let items = try UpsertItems(legacy?.items ?? body, uniqueBy: upsert.unique, bound: request.bound, in: fields)
        guard items.count > 0 else {
            throw BulkRefusal(ProblemDetails(.badRequest, "Empty data list provided"))
        }
        guard items.count <= settings.maximumUpsertCount else { throw tooMany(items.count, exchange) }
        let updating = upsert.updating ?? items.givenFields.filter { !upsert.unique.contains($0) }.sorted()
        var report = UpsertReport(items, uniqueFields: upsert.unique, updateFields: updating)
        if !isAtomic || report.errors.isEmpty, !items.rows.isEmpty {
            var write = RowWrite(
                .upsert(uniqueBy: upsert.unique, updating: upsert.updating), items.rows,
                scope: request.scope, isAtomic: isAtomic)
            write.keepsScope = true
            if let commit = exchange[IdempotencyCommit.Key.self],
                isAtomic || items.rows.rowCount <= settings.upsertBatchCount
            {
                write.completion = { [report, settings] result, transaction in
                    var report = report
                    report.add(result.outcomes, of: items)
                    try commit.finish(report.reply(reportsFailures: settings.reportsFailuresInStatus), in: transaction)
                }
            }
            report.add(try await results(of: write, request.resource), of: items)
            exchange[IdempotencyCommit.Key.self]?.didCommit()
        }
        return report.reply(reportsFailures: settings.reportsFailuresInStatus)
    }

    /// Writes the rows, in batches unless the write is atomic, and returns their outcomes.
    private func results(of write: RowWrite, _ resource: Resource) async throws -> [RowOutcome] {
        let batchCount = write.isAtomic ? write.rows.rowCount : max(settings.upsertBatchCount, 1)
        let timedOut = BulkRefusal(
            ProblemDetails(.serviceUnavailable, "The upsert takes too long.", headerFields: [.retryAfter: "1"]))
        var outcomes: [RowOutcome] = []
        var hasChanges = false
        do {
            for start in stride(from: 0, to: write.rows.rowCount, by: batchCount) {
                var batch = write
                batch.rows = write.rows.selecting(rows: start..<min(start + batchCount, write.rows.rowCount))
                let result = try await withTimeout(
                    settings.upsertTimeout, clock: ContinuousClock(), throwing: timedOut
                ) { [batch] in try await resource.repository.apply(batch) }
                outcomes += result.outcomes
                hasChanges = hasChanges || result.hasChanges
            }
        } catch {
            // A write that was given up may have been committed.
            await resource.invalidate()
            throw error
        }
        if hasChanges { await resource.invalidate() }
        return outcomes
    }

    /// Returns django-drf-extensions' refusal of too many items, without its parameter `max_items`: a client cannot raise the maximum.
    private func tooMany(_ count: Int, _ exchange: Exchange) -> BulkRefusal {
        let limit = settings.maximumUpsertCount
        var message = "Too many items for synchronous processing."
        var suggestion: String?
        if hasOperations {
            let path = Self.operationsPath(besides: exchange.request.path ?? "")
            message += " Use \(path) for >\(limit) items."
            suggestion = "Use PATCH \(path)?unique_fields=... for async processing"
        } else {
            message += " The maximum is \(limit)."
        }
        var details = ProblemDetails(.badRequest, message)
        details.numbers = [("provided_items", count), ("max_sync_items", limit)]
        details.texts = [("error", message)]
        if let suggestion { details.texts.append(("suggestion", suggestion)) }
        return BulkRefusal(details)
    }

    /// Returns the path of operations of the resource with a path of upserts.
    static func operationsPath(besides target: String) -> String {
        let path = target.prefix { $0 != "?" }
        let ending = path.hasSuffix("/") ? "upsert/" : "upsert"
        guard path.hasSuffix(ending) else { return String(path) }
        return path.dropLast(ending.count) + (path.hasSuffix("/") ? "operations/" : "operations")
    }
}
