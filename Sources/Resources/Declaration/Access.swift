public import Repositories

/// Which rows of a resource a request may use.
///
/// One rule serves lists, single rows and nested resources. Its selection is a part of the statement that reads the rows, and the statement
/// is a part of the key, so requests with different selections never share a cached response.
public struct Access: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case rows(Selection)
        case hidden
        case refused
    }

    let kind: Kind

    /// All rows.
    public static let all = Access(kind: .rows(.all))

    /// The selected rows. Others do not exist for the request: 404.
    public static func rows(_ selection: Selection) -> Access { Access(kind: .rows(selection)) }

    /// No rows, as if there were no such resource: 404.
    public static let hidden = Access(kind: .hidden)

    /// The action is not permitted: 401 without a user, and 403 otherwise.
    public static let refused = Access(kind: .refused)

    /// Returns what two rules permit together.
    func and(_ other: Access) -> Access {
        switch (kind, other.kind) {
        case (.refused, _), (_, .refused): .refused
        case (.hidden, _), (_, .hidden): .hidden
        case (.rows(let left), .rows(let right)): .rows(left && right)
        }
    }
}
