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
        let unique = try uniqueFields(parameters, fields)
        let isAtomic = try parameters.flag("atomic") || Preferences(of: exchange.request).isStrict
        let body = try await exchange.body.collect(upTo: maximumBodySize)
        let items = try UpsertItems(body, uniqueBy: unique, bound: request.bound, in: fields)
        guard items.count > 0 else {
            throw BulkRefusal(ProblemDetails(.badRequest, "Empty data list provided"))
        }
        guard items.count <= settings.maximumUpsertCount else { throw tooMany(items.count) }
        let updating = try updateFields(parameters, items, unique, fields)

        var report = UpsertReport(items, uniqueFields: unique, updateFields: updating)
        if !isAtomic || report.errors.isEmpty, !items.rows.isEmpty {
            var write = RowWrite(
                .upsert(uniqueBy: unique, updating: parameters["update_fields"] == nil ? nil : updating), items.rows,
                scope: request.scope, isAtomic: isAtomic)
            write.keepsScope = true
            let result = try await request.resource.repository.apply(write)
            if result.hasChanges { await request.resource.invalidate() }
            report.add(result, of: items)
        }
        return report.reply(reportsFailures: settings.reportsFailuresInStatus)
    }

    private func tooMany(_ count: Int) -> BulkRefusal {
        let limit = settings.maximumUpsertCount
        var details = ProblemDetails(
            .contentTooLarge,
            "Too many items for synchronous processing: \(count), and the maximum is \(limit). Send them in several requests."
        )
        details.numbers = [("provided_items", count), ("max_sync_items", limit)]
        return BulkRefusal(details)
    }

    /// Returns the unique fields, which must be a group that no two rows have in common.
    private func uniqueFields(_ parameters: QueryParameters, _ fields: FieldSet) throws -> [String] {
        let names = parameters.list("unique_fields")
        guard !names.isEmpty else {
            throw FieldErrors(field: "unique_fields", "This field is required.")
        }
        let groups = fields.uniqueGroups.filter {
            $0.allSatisfy { fields[$0].map { $0.isVisible || $0.isKey } ?? false }
        }
        guard let group = groups.first(where: { Set($0) == Set(names) && $0.count == names.count }) else {
            let known = groups.map { "\"\($0.joined(separator: ","))\"" }.joined(separator: ", ")
            throw FieldErrors(field: "unique_fields", "The fields do not identify a row; expected one of \(known).")
        }
        return group
    }

    /// Returns the fields to set in existing rows: those of the request, or all that an item has.
    private func updateFields(
        _ parameters: QueryParameters, _ items: UpsertItems, _ unique: [String], _ fields: FieldSet
    ) throws -> [String] {
        guard parameters["update_fields"] != nil else {
            return items.givenFields.filter { !unique.contains($0) }.sorted()
        }
        let names = parameters.list("update_fields")
        for name in names where fields[name]?.isWritable != true || unique.contains(name) {
            throw FieldErrors(field: "update_fields", "\"\(name.prefix(100))\" is not a valid choice.")
        }
        return names
    }
}

extension QueryParameters {
    /// Returns the names in a parameter, separated by commas.
    fileprivate func list(_ name: String) -> [String] {
        (self[name] ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
