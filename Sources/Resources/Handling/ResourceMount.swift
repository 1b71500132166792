import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

/// A resource at one place among the routes: at the top, or below the rows of its ancestors.
final class ResourceMount: Sendable {
    /// A resource above this one.
    struct Ancestor: Sendable {
        let resource: Resource
        /// The path parameter with the key of its row.
        let parameter: String
        /// The relation of its rows to the ancestor above.
        let relation: Nested?
    }

    let resource: Resource
    let ancestors: [Ancestor]
    /// The relation of the rows to those of the nearest ancestor.
    let relation: Nested?
    let fields: FieldSet
    private let filters: FilterParser
    private let readRequests = ReadRequests()
    static let formats = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "csv", mediaType: "text/csv"),
    ])
    static let reserved = Set(RequestParameter.allCases.map(\.rawValue))

    init(_ resource: Resource, below ancestors: [Ancestor] = [], relation: Nested? = nil) {
        self.resource = resource
        self.ancestors = ancestors
        self.relation = relation
        fields = resource.repository.fields
        filters = FilterParser(fields, ignoring: Self.reserved)
    }

    /// The path parameter with the key of a row of this resource.
    var parameter: String {
        guard !ancestors.isEmpty else { return "id" }
        let name = "\(resource.name)_id"
        return ancestors.contains { $0.parameter == name } ? "\(name)_\(ancestors.count)" : name
    }

    /// The mounts of the nested resources.
    var children: [ResourceMount] {
        resource.settings.children.map { child in
            ResourceMount(
                child.resource,
                below: ancestors + [Ancestor(resource: resource, parameter: parameter, relation: relation)],
                relation: child)
        }
    }

    // MARK: Requests

    /// Returns what a request asks for, as the outermost stage has read it. The administration of a cache describes requests that had none.
    func preparedRequest(for exchange: Exchange, onCollection: Bool) async throws -> PreparedRequest {
        if let prepared = exchange[PreparedRequest.Key.self] { return prepared }
        return try await request(for: exchange, onCollection: onCollection)
    }

    /// Returns what a request asks for.
    ///
    /// Requests with the same target, and for which the rules select the same rows, are read once.
    ///
    /// - Throws: ``ResourceError``, `FilterError`, any error of the access rules.
    func request(for exchange: Exchange, onCollection: Bool) async throws -> PreparedRequest {
        guard let action = ResourceAction.of(exchange.request.method, onCollection: onCollection) else {
            throw ResourceError(.methodNotAllowed, "Method \"\(exchange.request.method.rawValue)\" not allowed.")
        }
        let selections = try await selections(action, for: exchange)
        let identity = ReadRequests.Identity(exchange, action: action, selections: selections)
        if let known = readRequests[identity] { return known }
        let request = try read(exchange, action, selections)
        let prepared = PreparedRequest(request, description(of: request))
        readRequests.store(prepared, for: identity)
        return prepared
    }

    private func read(
        _ exchange: Exchange, _ action: ResourceAction, _ selections: PermittedRows
    ) throws -> ResourceRequest {
        let settings = resource.settings
        var request = ResourceRequest(action: action, query: RowQuery(settings.selection))
        request.isRestricted = selections.isRestricted
        try addAncestors(to: &request, for: exchange, selections.ancestors)
        request.query.selection = request.query.selection && selections.visible
        request.writable = selections.writable
        request.seesRows = selections.seesRows
        let parameters = exchange.queryParameters
        if parameters["format"]?.isEmpty == true {
            throw ResourceError(parameter: "format", "This field may not be blank.")
        }
        request.isCSV =
            try Self.formats.format(accept: exchange.request.headerFields[.accept], query: parameters["format"]).name
            == "csv"
        if action.isOnCollection {
            request.query.fields = action == .list ? settings.listFields : settings.detailFields ?? settings.listFields
            if action == .create {
                request.query.selection = request.query.selection && (settings.detailSelection ?? .all)
            }
            if action == .list { try readList(parameters, into: &request) }
        } else {
            request.query.selection = request.query.selection && (settings.detailSelection ?? .all)
            request.query.fields = settings.detailFields ?? settings.listFields
            let key = try key(parameter, of: fields, in: exchange)
            request.key = key
            request.query.selection = .comparison(fields.key.name, .equal, key) && request.query.selection
            request.query.limit = 1
        }
        // Those of a list are read by the filters.
        for parameter in parameters.parameters {
            let known = RequestParameter(rawValue: parameter.name)
            guard known?.isAllowed(for: action, settings) ?? (action == .list) else {
                throw ResourceError(parameter: parameter.name, "Unknown parameter.")
            }
        }
        try readFields(parameters, into: &request)
        // Together with the rules, filters may exceed the limits of a selection.
        _ = try request.query.completeSelection(in: fields)
        _ = try (request.query.selection && request.writable).validated(against: fields)
        return request
    }

    /// Returns the rows that the rules of this resource and those above it permit.
    private func selections(_ action: ResourceAction, for exchange: Exchange) async throws -> PermittedRows {
        var rows = PermittedRows()
        for ancestor in ancestors {
            rows.ancestors.append(try await selection(of: ancestor.resource, .retrieve, for: exchange))
        }
        if action == .create {
            rows.writable = try await selection(of: resource, action, for: exchange)
            do {
                rows.visible = try await selection(of: resource, .retrieve, for: exchange)
            } catch is ResourceError {
                rows.seesRows = false
            }
            return rows
        }
        // A row that is not visible cannot be written.
        let reading: ResourceAction = action.isOnCollection ? .list : .retrieve
        rows.visible = try await selection(of: resource, reading, for: exchange)
        if action != reading { rows.writable = try await selection(of: resource, action, for: exchange) }
        return rows
    }

    /// Checks what neither the keys of cached responses nor conditions may decide: that the rows above the requested ones exist and are
    /// visible, and that a row to write exists and may be written.
    ///
    /// A read checks ancestors only if a write to them does not change its key.
    func check(_ request: ResourceRequest, _ exchange: Exchange) async throws {
        if !request.action.isReading || ancestors.contains(where: { $0.resource.settings.caching == nil }) {
            try await checkAncestors(of: request)
        }
        guard request.key != nil, !request.action.isReading else { return }
        guard try await resource.repository.count(request.query.selection) > 0 else { throw ResourceError.notFound }
        guard !request.writable.isAll else { return }
        let scope = request.query.selection && request.writable
        guard try await resource.repository.count(scope) > 0 else { throw ResourceError.refused(exchange) }
    }

    /// Checks that the rows above the requested ones exist and are visible.
    func checkAncestors(of request: ResourceRequest) async throws {
        for ancestor in request.ancestors where try await ancestor.repository.rows(ancestor.query).isEmpty {
            throw ResourceError.notFound
        }
    }

    /// Returns the statements that a response depends on: that of the rows, and those of the ancestors.
    private func description(of request: ResourceRequest) -> QueryDescription {
        var description = resource.repository.description(of: request.query)
        for ancestor in request.ancestors {
            let parent = ancestor.repository.description(of: ancestor.query)
            description.statement += "; " + parent.statement
            description.values += parent.values
            description.isEmpty = false
        }
        return description
    }

    /// Returns the rows of a resource that a request may use.
    private func selection(
        of resource: Resource, _ action: ResourceAction, for exchange: Exchange
    ) async throws -> Selection {
        guard let rule = resource.settings.access else { return .all }
        switch try await rule(exchange, action).kind {
        case .rows(let selection): return selection
        case .hidden: throw ResourceError.notFound
        case .refused: throw ResourceError.refused(exchange)
        }
    }

    /// Adds the rows above the requested ones, each of which must be visible and belong to the one above it.
    private func addAncestors(
        to request: inout ResourceRequest, for exchange: Exchange, _ visible: [Selection]
    ) throws {
        var above: RowValue?
        for (ancestor, visible) in zip(ancestors, visible) {
            let resource = ancestor.resource
            let fields = resource.repository.fields
            let key = try key(ancestor.parameter, of: fields, in: exchange)
            var selection = Selection.comparison(fields.key.name, .equal, key) && resource.settings.selection
            if let relation = ancestor.relation, let above {
                selection = selection && .comparison(relation.field, .equal, above) && relation.selection
            }
            selection = selection && visible && (resource.settings.detailSelection ?? .all)
            request.ancestors.append(
                .init(
                    repository: resource.repository, query: RowQuery(selection, limit: 1, fields: [fields.key.name])))
            above = key
        }
        guard let relation, let above else { return }
        request.parent = (relation.field, above)
        request.query.selection =
            .comparison(relation.field, .equal, above) && relation.selection && request.query.selection
    }

    /// Returns the key in a path parameter. One that the key's type does not have is that of no row.
    private func key(_ parameter: String, of fields: FieldSet, in exchange: Exchange) throws -> RowValue {
        guard case .string(let text)? = exchange.pathParameters[parameter],
            let key = fields.key.type.value(of: text[...].percentDecoded), !text.utf8.contains(0)
        else { throw ResourceError.notFound }
        if case .text(let text) = key, text.utf8.contains(0) { throw ResourceError.notFound }
        return key
    }

    // MARK: Parameters

    private func readFields(_ parameters: QueryParameters, into request: inout ResourceRequest) throws {
        guard let text = parameters["fields"] else { return }
        let permitted = request.query.fields ?? fields.visible.map(\.name)
        let names = text.split(separator: ",").map(String.init)
        for name in names where !permitted.contains(name) {
            throw ResourceError(parameter: "fields", "\"\(name.prefix(100))\" is not a valid choice.")
        }
        guard !names.isEmpty else { throw ResourceError(parameter: "fields", "This field may not be blank.") }
        // In the order of the declaration, so that each set of fields has one statement.
        request.query.fields = permitted.filter(names.contains)
    }

    private func readList(_ parameters: QueryParameters, into request: inout ResourceRequest) throws {
        let settings = resource.settings
        let pagination = settings.pagination
        let isCursor = pagination.style == .cursor
        let result = try filters.parse(parameters.parameters.lazy.map { ($0.name, $0.value) })
        request.query.selection = request.query.selection && result.selection
        if let text = parameters["search"], !text.isEmpty {
            guard !text.utf8.contains(0) else {
                throw ResourceError(parameter: "search", "Null characters are not allowed.")
            }
            let conditions = settings.searchFields.map { Selection.comparison($0, .contains, searched(text, in: $0)) }
            request.query.selection = request.query.selection && .or(conditions)
        }
        request.query.order = result.order.isEmpty ? settings.order : result.order
        var page = PageRequest(size: try size(parameters["page_size"]))
        // Sorted, so that the order of parameters does not matter for keys and links.
        page.parameters = parameters.parameters.filter { !["page", "cursor"].contains($0.name) }.sorted {
            ($0.name.utf8.lexicographicallyPrecedes($1.name.utf8))
        }
        if isCursor {
            if let text = parameters["count"] {
                guard case .boolean(let countsRows)? = FieldType.boolean.value(of: text) else {
                    throw ResourceError(parameter: "count", "Must be a valid boolean.")
                }
                page.countsRows = countsRows
            }
            if let text = parameters["cursor"] { try read(text, into: &request, &page) }
        } else {
            page.countsRows = true
            if let text = parameters["page"] {
                guard let number = Int(text), number > 0, number <= RequestParameter.maximumPage else {
                    throw ResourceError(parameter: "page", "A valid page number is required.")
                }
                page.number = number
            }
            request.query.offset = (page.number - 1) * page.size
        }
        // One more row shows whether there is a further page.
        request.query.limit = page.size + 1
        request.page = page
    }

    /// Returns what is searched in a field: a field that is computed from another one, for example in lower case, has the text computed
    /// in the same way.
    private func searched(_ text: String, in field: String) -> RowValue {
        guard case .source(_, let compute)? = fields[field]?.computation else { return .text(text) }
        return compute(.text(text))
    }

    private func size(_ text: String?) throws -> Int {
        let pagination = resource.settings.pagination
        guard let text else { return pagination.size }
        if text == "max" { return pagination.maximum }
        guard let size = Int(text), size > 0 else {
            throw ResourceError(parameter: "page_size", "A valid integer or \"max\" is required.")
        }
        return min(size, pagination.maximum)
    }

    private func read(_ text: String, into request: inout ResourceRequest, _ page: inout PageRequest) throws {
        let order = request.query.completeOrder(in: fields)
        guard let cursor = PageCursor(text), cursor.values.count == order.count else {
            throw ResourceError(parameter: "cursor", "Invalid cursor.")
        }
        page.isBackward = cursor.isBackward
        request.query.order = order.map { RowOrder($0.field, isDescending: $0.isDescending != cursor.isBackward) }
        request.query.after = cursor.values
        do {
            _ = try request.query.completeSelection(in: fields)
        } catch {
            throw ResourceError(parameter: "cursor", "Invalid cursor.")
        }
    }
}
