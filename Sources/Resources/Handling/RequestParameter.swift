import Repositories

/// A query parameter that is neither a filter nor an order.
enum RequestParameter: String, CaseIterable {
    case fields, format, search, page, cursor, count
    case pageSize = "page_size"

    /// Returns whether requests for an action may have the parameter.
    func isAllowed(for action: ResourceAction, _ settings: ResourceSettings) -> Bool {
        let isCursor = settings.pagination.style == .cursor
        return switch self {
        case .fields, .format: action != .destroy && !action.isExtra
        case .search: action.isFiltered && !settings.searchFields.isEmpty
        case .pageSize: action == .list
        case .page: action == .list && !isCursor
        case .cursor, .count: action == .list && isCursor
        }
    }

    /// The maximum of `page`.
    static let maximumPage = Int(Int32.max)
}
