public import HTTPPipeline
public import Repositories

/// The settings of a ``Resource``, which its features change.
public struct ResourceSettings: Sendable {
    /// Returns which rows a request may use. All of them by default.
    public typealias AccessRule = @Sendable (Exchange, ResourceAction) async throws -> Access

    /// The actions that have routes. All of them by default.
    public var actions = ResourceAction.all

    /// The pages of lists. Numbered pages of 20 rows by default.
    public var pagination = Pagination(.pages)

    /// The order of lists that request none. The order of the keys by default.
    public var order: [RowOrder] = []

    /// The fields in lists; nil for all that are visible.
    public var listFields: [String]?

    /// The fields of single rows; nil for those of lists.
    public var detailFields: [String]?

    /// A further condition for the rows of lists. None by default.
    public var listSelection = Selection.all

    /// A further condition for rows that are requested by their key, and for the parents of nested resources; nil for none.
    public var detailSelection: Selection?

    /// The rows of the resource. All of the repository's by default.
    public var selection = Selection.all

    /// The text fields that `search` looks in. None by default, and then the parameter is unknown.
    public var searchFields: [String] = []

    /// Which rows a request may use.
    public var access: AccessRule?

    /// Whether a row that the access rule for reading does not select is 404; otherwise it is 401 or 403. It is by default.
    public var hidesForbiddenRows = true

    /// Whether the list below a parent that does not exist, or is not visible, is 404; otherwise it is empty. It is by default.
    public var requiresParents = true

    /// The outermost middleware. It runs before the access rule.
    public var outerMiddleware: [any Middleware] = []

    /// Whether and how conditions of requests are evaluated; nil for not at all.
    public var conditions: Conditions?

    /// How responses are cached; nil for not at all.
    public var caching: Caching?

    /// The resources below each row.
    public var children: [Nested] = []

    /// The extra actions.
    var extraActions: [ExtraAction] = []

    /// The name of the member with the URL of a row; nil for none.
    public var uriMember: String?

    /// The languages of the rows; nil for rows without a language.
    public var languages: Languages?

    /// Whether paths end with a slash. Not by default.
    public var hasTrailingSlash = false

    /// The maximum size of a request's body in bytes.
    public var maximumBodySize = 1 << 20

    /// Creates the default settings.
    public init() {}

    /// The settings with which a resource responds as one of drf-extensions: paths end with a slash, and a list below an unknown parent is
    /// empty. Its bugs are not reproduced.
    public static let drf: ResourceSettings = {
        var settings = ResourceSettings()
        settings.hasTrailingSlash = true
        settings.requiresParents = false
        return settings
    }()
}
