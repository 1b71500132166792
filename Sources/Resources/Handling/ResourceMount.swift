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
    let filters: FilterParser
    /// Whether access rules or relations select rows. Otherwise all requests with one target are the same.
    private let selectsRows: Bool
    /// Whether each request reads rows that no stamp in its key stands for: those of a join, or of a parent without caching.
    let readsOtherRows: Bool
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
        readsOtherRows =
            ([relation] + ancestors.map(\.relation)).contains { $0?.isJoin == true }
            || ancestors.contains { $0.resource.settings.caching == nil }
        selectsRows = !ancestors.isEmpty || relation != nil || resource.settings.access != nil
    }

    /// The path parameter with the key of a row of this resource.
    var parameter: String {
        guard !ancestors.isEmpty else { return "id" }
        let name = resource.name.replacing("/", with: "_") + "_id"
        return ancestors.contains { $0.parameter == name } ? "\(name)_\(ancestors.count)" : name
    }

    /// The actions at this place.
    var actions: Set<ResourceAction> {
        relation?.createsChildren == false
            ? resource.settings.actions.subtracting([.create]) : resource.settings.actions
    }

    /// Returns the actions on the collection, or those on single rows.
    func actions(onCollection isOnCollection: Bool) -> [ResourceAction] {
        actions.filter { $0.isOnCollection == isOnCollection }
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

    /// Returns what a request asks for.
    ///
    /// Requests with the same target, and for which the rules select the same rows, are read once.
    ///
    /// - Throws: ``ResourceError``, `FilterError`, any error of the access rules.
    func request(for exchange: Exchange, among actions: [ResourceAction]) async throws -> PreparedRequest {
        let method = exchange.request.method
        guard let action = actions.first(where: { $0.has(method) }) else {
            throw ResourceError(.methodNotAllowed, "Method \"\(method.rawValue)\" not allowed.")
        }
        let rows = selectsRows ? try await selections(action, for: exchange) : nil
        let identity = ReadRequests.Identity(exchange, action: action, rows: rows)
        if let known = readRequests[identity] { return known }
        let request = try read(exchange, action, rows ?? PermittedRows())
        let prepared = PreparedRequest(request, description(of: request))
        readRequests.store(prepared, for: identity)
        return prepared
    }

    /// Returns the format of a response. A client that accepts nothing but problem details gets JSON where there is no problem.
    private static func format(
        _ request: HTTPRequest, query: String?
    ) throws(FormatNegotiation.NotAcceptable) -> FormatNegotiation.Format {
        do {
            return try formats.format(accept: request.headerFields[.accept], query: query)
        } catch {
            guard query == nil, ProblemDetails.isAccepted(by: request) else { throw error }
            return try formats.format(accept: nil)
        }
    }

    private func read(
        _ exchange: Exchange, _ action: ResourceAction, _ selections: PermittedRows
    ) throws -> ResourceRequest {
        let settings = resource.settings
        guard hasDeclaredSpelling(exchange.request.path ?? "") else { throw ResourceError.notFound }
        var request = ResourceRequest(action: action, query: RowQuery(settings.selection))
        request.isRestricted = selections.isRestricted
        try addAncestors(to: &request, for: exchange, selections)
        let existing = request.query.selection
        request.query.selection = request.query.selection && selections.visible
        request.scope = request.query.selection
        request.writable = selections.writable
        request.seesRows = selections.seesRows
        let parameters = exchange.queryParameters
        if !action.isExtra {
            if parameters["format"]?.isEmpty == true {
                throw ResourceError(parameter: "format", "This field may not be blank.")
            }
            request.isCSV = try Self.format(exchange.request, query: parameters["format"]).name == "csv"
        }
        if action.isOnCollection {
            request.query.fields = action == .list ? settings.listFields : settings.detailFields ?? settings.listFields
            if action == .create {
                request.query.selection = request.query.selection && (settings.detailSelection ?? .all)
            } else {
                try readFilters(parameters, of: action, into: &request)
            }
            if action == .list { try readPage(parameters, into: &request) }
        } else {
            request.query.selection = request.query.selection && (settings.detailSelection ?? .all)
            request.query.fields = settings.detailFields ?? settings.listFields
            let key = try key(parameter, of: fields, in: exchange)
            request.key = key
            request.query.selection = .comparison(fields.key.name, .equal, key) && request.query.selection
            if !settings.hidesForbiddenRows, !selections.visible.isAll {
                request.existing =
                    .comparison(fields.key.name, .equal, key) && existing && (settings.detailSelection ?? .all)
            }
            request.query.limit = 1
        }
        try checkNames(of: parameters, for: action)
        if action.isExtra {
            // The handler may read them, so they are a part of keys.
            request.page.parameters = parameters.parameters.sorted {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }
        } else {
            try readFields(parameters, into: &request)
        }
        // Together with the rules, filters may exceed the limits of a selection.
        _ = try request.query.completeSelection(in: fields)
        _ = try (request.query.selection && request.writable).validated(against: fields)
        return request
    }

    /// Returns the statements that a response depends on: that of the rows, and those of the ancestors.
    func description(of request: ResourceRequest) -> QueryDescription {
        var description = resource.repository.description(of: request.query)
        for ancestor in request.ancestors {
            let parent = ancestor.repository.description(of: ancestor.query)
            description.statement += "; " + parent.statement
            description.values += parent.values
            description.isEmpty = false
        }
        return description
    }

    /// Adds the rows above the requested ones, each of which must be visible and belong to the one above it.
    private func addAncestors(
        to request: inout ResourceRequest, for exchange: Exchange, _ permitted: PermittedRows
    ) throws {
        var above: RowValue?
        for (index, ancestor) in ancestors.enumerated() {
            let resource = ancestor.resource
            let fields = resource.repository.fields
            let key = try key(ancestor.parameter, of: fields, in: exchange)
            var selection = Selection.comparison(fields.key.name, .equal, key) && resource.settings.selection
            if index > 0 { selection = selection && permitted.children[index - 1] }
            selection = selection && permitted.ancestors[index] && (resource.settings.detailSelection ?? .all)
            request.ancestors.append(
                .init(
                    repository: resource.repository, query: RowQuery(selection, limit: 1, fields: [fields.key.name])))
            above = key
        }
        request.writableAncestor = permitted.writableAncestor.map { writable in
            var ancestor = request.ancestors[writable.index]
            ancestor.query.selection = ancestor.query.selection && writable.rows
            return ancestor
        }
        guard let relation, let above, let children = permitted.children.last else { return }
        request.bound = relation.boundValues(below: above)
        request.query.selection = children && request.query.selection
    }

    /// Returns the key in a path parameter. One that the key's type does not have is that of no row.
    func key(_ parameter: String, of fields: FieldSet, in exchange: Exchange) throws -> RowValue {
        guard case .string(let text)? = exchange.pathParameters[parameter],
            let key = fields.key.type.value(of: text[...].percentDecoded), !text.utf8.contains(0)
        else { throw ResourceError.notFound }
        if case .text(let text) = key, text.utf8.contains(0) { throw ResourceError.notFound }
        return key
    }
}
