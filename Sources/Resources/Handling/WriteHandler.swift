import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// Creates, updates and destroys rows.
struct WriteHandler: Sendable {
    let mount: ResourceMount
    let reading: ReadHandler
    let versions: RowVersions?

    private var resource: Resource { mount.resource }
    private var fields: FieldSet { mount.fields }

    func reply(to exchange: Exchange) async throws -> Reply {
        guard let request = exchange.resourceRequest else { throw ResourceError.notFound }
        do {
            switch request.action {
            case .create: return try await create(request, exchange)
            case .destroy: return try await destroy(request, exchange)
            default: return try await update(request, exchange)
            }
        } catch {
            guard let known = ResourceError.of(error) else { throw error }
            return known.reply(to: exchange)
        }
    }

    private func create(_ request: ResourceRequest, _ exchange: Exchange) async throws -> Reply {
        let rows = bound(try await body(exchange, request, isPartial: false), to: request.bound)
        let write = RowWrite(.create, rows)
        // What the client may not see afterwards, it may not create.
        try check(write, in: request.query.selection && request.writable, exchange)
        let key = try await apply(write)
        guard request.seesRows else { return Reply(status: .created, headerFields: [.vary: "Accept"]) }
        var created = request
        created.query = RowQuery(.comparison(fields.key.name, .equal, key), limit: 1)
        created.query.fields = request.query.fields
        return try await reading.row(created, exchange, status: .created)
    }

    private func update(_ request: ResourceRequest, _ exchange: Exchange) async throws -> Reply {
        let isPartial = request.action == .partialUpdate
        let rows = bound(try await body(exchange, request, isPartial: isPartial), to: isPartial ? [] : request.bound)
        guard !rows.columns.isEmpty else { return try await reading.row(request, exchange, status: .ok) }
        var columns = RowBatch(columns: [fields.key.name] + rows.columns)
        columns.append(request.key ?? .null)
        for value in rows.values(row: 0) { columns.append(value) }
        var write = RowWrite(isPartial ? .update : .replace, columns, scope: scope(request))
        write.versions = [try await versions?.evaluatedVersion(of: exchange)]
        let query = RowQuery(scope(request), limit: 1, fields: fields.fields.map(\.name))
        let existing = try await resource.repository.rows(query)
        guard !existing.isEmpty else { throw ResourceError.notFound }
        try check(write, in: scope(request), existing: existing, exchange)
        if write.versions == [nil], let version = fields.version,
            case .integer(let number)? = existing.value(row: 0, field: version.name)
        {
            // The row that was checked is the one that is written.
            write.versions = [number]
        }
        _ = try await apply(write)
        return try await reading.row(request, exchange, status: .ok)
    }

    private func destroy(_ request: ResourceRequest, _ exchange: Exchange) async throws -> Reply {
        var write = RowWrite(.delete, RowBatch([fields.key.name: request.key ?? .null]), scope: scope(request))
        write.versions = [try await versions?.evaluatedVersion(of: exchange)]
        _ = try await apply(write)
        return Reply(status: .noContent)
    }

    /// The rows that the request may write. The key is a part of the query's selection.
    private func scope(_ request: ResourceRequest) -> Selection { request.query.selection && request.writable }

    /// Carries out a write of one row, and invalidates what depends on it after the commit.
    private func apply(_ write: RowWrite) async throws -> RowValue {
        let result = try await resource.repository.apply(write)
        guard let outcome = result.outcomes.first else { throw ResourceError.notFound }
        if let error = outcome.error {
            if error.code == .reference, write.kind == .delete {
                throw ResourceError.referenced
            }
            throw ResourceError(error)
        }
        let key = outcome.key ?? .null
        if result.hasChanges, let caching = resource.settings.caching {
            await caching.invalidations.invalidate(
                [.tag(ResourceTags.list(resource)), .tag(ResourceTags.row(resource, key))],
                touching: [caching.stamp].compactMap(\.self))
        }
        return key
    }

    // MARK: Bodies

    /// The media types of a row.
    static let mediaTypes = ["application/json"]
    /// The media types of some fields of a row.
    static let partialMediaTypes = mediaTypes + ["application/merge-patch+json"]

    /// The fields that a body need not have: the path has the key of the parent with the values of the relation, and the key of the row.
    static func suppliedFields(_ fields: FieldSet, bound: [String], hasKey: Bool) -> Set<String> {
        Set(bound + (hasKey ? [fields.key.name] : []))
    }

    private func body(_ exchange: Exchange, _ request: ResourceRequest, isPartial: Bool) async throws -> RowBatch {
        let type = exchange.request.headerFields[.contentType]?.lowercased() ?? "application/json"
        let mediaType = type.prefix { $0 != ";" }.trimmingASCIISpace
        guard (isPartial ? Self.partialMediaTypes : Self.mediaTypes).contains(mediaType) else {
            throw ResourceError.unsupported(mediaType)
        }
        let body = try await exchange.body.collect(upTo: resource.settings.maximumBodySize)
        var options = RowJSONReader.Options(isPartial: isPartial)
        options.reportsUnknownMembers = true
        // A row can be written as it was read.
        options.ignoredMembers = Set([resource.settings.uriMember].compactMap(\.self))
        options.suppliedFields = Self.suppliedFields(
            fields, bound: request.bound.map(\.field), hasKey: request.key != nil)
        var rows = try RowJSONReader(fields, options: options).readObject(body)
        if let key = request.key, rows.column(of: fields.key.name) != nil {
            guard rows.value(row: 0, field: fields.key.name) ?? key == key else {
                throw ResourceError(FieldErrors(field: fields.key.name, "The key cannot be changed."))
            }
            rows = rows.removing(fields.key.name)
        }
        for (index, bound) in request.bound.enumerated() {
            guard let value = rows.value(row: 0, field: bound.field), value != bound.value else { continue }
            let implied = index == 0 ? "key of the parent" : "value that the path implies"
            throw ResourceError(FieldErrors(field: bound.field, "This field must have the \(implied)."))
        }
        return rows
    }

    /// Returns the rows with the values that the path implies.
    private func bound(_ rows: RowBatch, to values: [(field: String, value: RowValue)]) -> RowBatch {
        values.reduce(rows) { $0.setting($1.field, to: $1.value) }
    }

    /// Checks that a row is permitted as it will be after a write of one row; `existing` is the row before it, with all fields.
    private func check(
        _ write: RowWrite, in selection: Selection, existing: RowBatch? = nil, _ exchange: Exchange
    ) throws {
        guard !selection.isAll else { return }
        let prepared = try PreparedWrite(write, in: fields)
        let names = fields.fields.map(\.name)
        var row = RowBatch(columns: names)
        for name in names {
            var value = existing?.value(row: 0, field: name)
            if let column = prepared.rows.column(of: name) {
                let cell =
                    existing == nil ? prepared.insertedCell(row: 0, column: column) : prepared.rows[0, column]
                value = prepared.rows.value(of: cell) ?? value
            }
            row.append(value ?? .null)
        }
        guard !selection.selects(row: 0, of: row) else { return }
        guard resource.settings.access != nil else {
            throw ResourceError(.badRequest, "The row does not belong to this resource.")
        }
        throw ResourceError.refused(exchange)
    }
}

/// The tags of cached responses.
enum ResourceTags {
    /// The tag of all lists.
    static func list(_ resource: Resource) -> String { resource.name }

    /// The tag of all responses, which are purged after writes by other code.
    static func all(_ resource: Resource) -> String { "\(resource.name):*" }

    /// The tag of a row.
    static func row(_ resource: Resource, _ key: RowValue) -> String {
        switch key {
        case .integer(let value): "\(resource.name):\(value)"
        case .text(let text): "\(resource.name):\(text)"
        default: "\(resource.name):\(key)"
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingASCIISpace: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
