import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import Resources

/// Creates or updates several rows at once, and returns what happened with each: django-drf-extensions' `SyncUpsertMixin`.
struct Upserts: Sendable {
    let settings: Bulk.Settings
    let maximumBodySize: Int

    func reply(to request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let parameters = exchange.queryParameters
        let fields = request.resource.repository.fields
        let upsert = try UpsertFields(
            unique: parameters[.uniqueFields], updating: parameters[.updateFields], in: fields)
        let isAtomic = try parameters.flag(.isAtomic) || Preferences(of: exchange.request).isStrict
        try exchange.request.requireJSON()
        let body = try await exchange.body.collect(upTo: maximumBodySize)
        let items = try UpsertItems(body, uniqueBy: upsert.unique, bound: request.bound, in: fields)
        guard items.count > 0 else {
            throw BulkRefusal(ProblemDetails(.badRequest, "Empty data list provided"))
        }
        guard items.count <= settings.maximumUpsertCount else { throw tooMany(items.count) }
        let updating = upsert.updating ?? items.givenFields.filter { !upsert.unique.contains($0) }.sorted()
        var report = UpsertReport(items, uniqueFields: upsert.unique, updateFields: updating)
        if !isAtomic || report.errors.isEmpty, !items.rows.isEmpty {
            var write = RowWrite(
                .upsert(uniqueBy: upsert.unique, updating: upsert.updating), items.rows,
                scope: request.scope, isAtomic: isAtomic)
            write.keepsScope = true
            let result = try await request.resource.repository.apply(write)
            if result.hasChanges { await request.resource.invalidate() }
            report.add(result, of: items)
        }
        return report.reply(reportsFailures: settings.reportsFailuresInStatus)
    }

    /// Returns django-drf-extensions' refusal of too many items, without its parameter `max_items`: a client cannot raise the maximum.
    private func tooMany(_ count: Int) -> BulkRefusal {
        let limit = settings.maximumUpsertCount
        let message = "Too many items for synchronous processing. Use /operations endpoint for >\(limit) items."
        var details = ProblemDetails(.badRequest, message)
        details.numbers = [("provided_items", count), ("max_sync_items", limit)]
        details.texts = [
            ("error", message), ("suggestion", "Use PATCH /operations/?unique_fields=... for async processing"),
        ]
        return BulkRefusal(details)
    }
}
