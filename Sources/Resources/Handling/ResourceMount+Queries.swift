import HTTPPipeline
import HTTPTypes
import Repositories

extension ResourceMount {
    /// Returns whether a path has a slash at its end if the resource declares so, and no empty part. A router may ignore slashes, but two
    /// paths of one row would have two cached responses and two values of `resource_uri`.
    func hasDeclaredSpelling(_ path: String) -> Bool {
        let path = path.utf8.prefix { $0 != UInt8(ascii: "?") }
        var last: UInt8?
        for byte in path {
            if byte == UInt8(ascii: "/"), last == byte { return false }
            last = byte
        }
        return (last == UInt8(ascii: "/")) == resource.settings.hasTrailingSlash
    }

    func readFields(_ parameters: QueryParameters, into request: inout ResourceRequest) throws {
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

    /// Checks the names of parameters, except those of filters, which reading them checks.
    func checkNames(of parameters: QueryParameters, for action: ResourceAction) throws {
        let own = ownParameters(of: action)
        for parameter in parameters.parameters where !own.contains(parameter.name) {
            let known = RequestParameter(rawValue: parameter.name)
            guard known?.isAllowed(for: action, resource.settings) ?? action.isFiltered else {
                throw ResourceError(parameter: parameter.name, "Unknown parameter.")
            }
        }
    }

    /// The names of the parameters that the handler of an extra action reads.
    private func ownParameters(of action: ResourceAction) -> Set<String> {
        guard action.isExtra else { return [] }
        return Set(
            resource.settings.extraActions.filter { $0.action == action && $0.action.method == action.method }
                .flatMap(\.parameters))
    }

    /// Reads filters, the order and the search of a collection.
    func readFilters(
        _ parameters: QueryParameters, of action: ResourceAction, into request: inout ResourceRequest
    ) throws {
        let settings = resource.settings
        let own = ownParameters(of: action)
        let result = try filters.parse(
            parameters.parameters.lazy.filter { action.isFiltered && !own.contains($0.name) }.map {
                ($0.name, $0.value)
            })
        request.query.selection = request.query.selection && settings.listSelection && result.selection
        request.hasFilters = !result.selection.isAll
        if let text = parameters["search"], !text.isEmpty, !own.contains("search") {
            guard !text.utf8.contains(0) else {
                throw ResourceError(parameter: "search", "Null characters are not allowed.")
            }
            let conditions = settings.searchFields.map { Selection.comparison($0, .contains, searched(text, in: $0)) }
            request.query.selection = request.query.selection && .or(conditions)
            request.hasFilters = true
        }
        request.query.order = result.order.isEmpty ? settings.order : result.order
    }

    /// Returns what is searched in a field: a field that is computed from another one, for example in lower case, has the text computed
    /// in the same way.
    private func searched(_ text: String, in field: String) -> RowValue {
        guard case .source(_, let compute)? = fields[field]?.computation else { return .text(text) }
        return compute(.text(text))
    }

    /// Reads the page of a list.
    func readPage(_ parameters: QueryParameters, into request: inout ResourceRequest) throws {
        var page = PageRequest(size: try size(parameters["page_size"]))
        // Sorted, so that the order of parameters does not matter for keys and links.
        page.parameters = parameters.parameters.filter { !["page", "cursor"].contains($0.name) }.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        if resource.settings.pagination.style == .cursor {
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
