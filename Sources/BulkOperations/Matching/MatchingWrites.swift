import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import Resources

/// Updates or deletes all rows that the filters of a request select, in one statement.
struct MatchingWrites: Sendable {
    let settings: Bulk.Settings
    let maximumBodySize: Int

    func reply(to request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let parameters = exchange.queryParameters
        var (selection, hasFilters) = (request.rows, hasFilters(request, parameters))
        if exchange.request.method == .delete, let filters = try await filters(request, exchange) {
            (selection, hasFilters) = (selection && filters, hasFilters || !filters.isAll)
        }
        if let refusal = settings.guarding.refusal(of: exchange.request, hasFilters: hasFilters) {
            throw BulkRefusal(refusal)
        }
        let isDryRun = try parameters.flag(.isDryRun)
        let preferences = try Preferences(of: exchange.request)
        let row = exchange.request.method == .delete ? nil : try await row(request, exchange)
        let repository = request.resource.repository
        if row?.columns.isEmpty == true { return reply(0, preferences, isDryRun: isDryRun) }
        if isDryRun {
            let count = try await repository.count(selection)
            try check(count, preferences)
            return reply(count, preferences, isDryRun: true)
        }
        try await settings.willWrite?(selection, row, exchange)
        let count: Int
        do {
            count = try await repository.applyAll(selection, setting: row, limit: preferences.maximum)
        } catch RepositoryError.tooManyRows(let count, _) {
            try check(count, preferences)
            throw RepositoryError.tooManyRows(count: count, maximum: preferences.maximum ?? 0)
        } catch RepositoryError.row(let error) where row == nil && error.code == .reference {
            throw BulkRefusal(ProblemDetails(.conflict, Self.referenced))
        }
        if count > 0 { await request.resource.invalidate() }
        try await settings.didWrite?(count, exchange)
        return reply(count, preferences, isDryRun: false)
    }

    /// Returns whether filters in the query select the rows. A blank text is contained in every text.
    private func hasFilters(_ request: CollectionRequest, _ parameters: QueryParameters) -> Bool {
        request.hasFilters
            && parameters.parameters.contains { !["dry_run", "ordering"].contains($0.name) && !$0.value.isEmpty }
    }

    /// Returns what the filters in the body of a DELETE select: `{"population": {"lt": 1000}}`.
    private func filters(_ request: CollectionRequest, _ exchange: Exchange) async throws -> Selection? {
        let body = try await exchange.body.collect(upTo: maximumBodySize)
        guard body.readableBytes > 0 else { return nil }
        return try FilterParser(request.resource.repository.fields).parse(json: body)
    }

    /// The reason why rows cannot be deleted.
    static let referenced = "Other rows refer to one of the rows."

    /// Returns the fields to set.
    private func row(_ request: CollectionRequest, _ exchange: Exchange) async throws -> RowBatch {
        var options = RowJSONReader.Options(isPartial: true)
        options.reportsUnknownMembers = true
        options.reportsReadOnlyMembers = true
        try exchange.request.requireJSON()
        let body = try await exchange.body.collect(upTo: maximumBodySize)
        let row = try RowJSONReader(request.resource.repository.fields, options: options).readObject(body)
        // A row that leaves the scope would be one that the request may not write.
        let fixed = request.scope.fieldNames
        var errors = FieldErrors()
        let key = request.resource.repository.fields.key.name
        if row.columns.contains(key) { errors.add("The key cannot be changed.", to: key) }
        for name in row.columns where fixed.contains(name) {
            errors.add("This field decides which rows may be written. Change single rows.", to: name)
        }
        guard errors.isEmpty else { throw errors }
        return row
    }

    private func check(_ count: Int, _ preferences: Preferences) throws(BulkRefusal) {
        guard let maximum = preferences.maximum, count > maximum else { return }
        var details = ProblemDetails(
            .badRequest, "The operation would change \(count) rows, and Prefer: max-affected allows \(maximum).")
        details.numbers = [("affected", count), ("max_affected", maximum)]
        throw BulkRefusal(details)
    }

    private func reply(_ count: Int, _ preferences: Preferences, isDryRun: Bool) -> Reply {
        var fields: HTTPFields = [.bulkAffected: "\(count)"]
        if let maximum = preferences.maximum { fields[.preferenceApplied] = "max-affected=\(maximum)" }
        guard isDryRun else { return Reply(status: .noContent, headerFields: fields) }
        fields[.contentType] = "application/json"
        let body = ByteBuffer(string: #"{"affected":\#(count),"dry_run":true}"#)
        return Reply(status: .ok, headerFields: fields, body: ReplyBody(body))
    }
}
