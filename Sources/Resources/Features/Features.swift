public import HTTPPipeline
public import Repositories

/// The actions that have routes.
public struct Actions: ResourceFeature {
    private let actions: Set<ResourceAction>

    /// Declares the actions, for example ``ResourceAction/reading``.
    public init(_ actions: Set<ResourceAction>) { self.actions = actions }

    /// Sets the actions.
    public func apply(to settings: inout ResourceSettings) { settings.actions = actions }
}

/// The order of lists that request none.
public struct Ordering: ResourceFeature {
    private let order: [RowOrder]

    /// Declares the order. The key is its last term in any case.
    public init(_ order: RowOrder...) { self.order = order }

    /// Sets the order.
    public func apply(to settings: inout ResourceSettings) { settings.order = order }
}

/// The fields in lists, and those of single rows: drf-extensions' `DetailSerializerMixin`.
public struct Representation: ResourceFeature {
    private let list: [String]?
    private let detail: [String]?
    private let listSelection: Selection
    private let detailSelection: Selection?

    /// Declares the fields of representations.
    ///
    /// - Parameters:
    ///   - list: The names of the fields in lists; nil for all that are visible.
    ///   - detail: The names of the fields of single rows; nil for those of lists.
    ///   - listSelection: A further condition for the rows of lists. Others can be requested by their key only.
    ///   - detailSelection: A further condition for rows that are requested by their key; nil for none.
    public init(
        list: [String]? = nil, detail: [String]? = nil, listSelection: Selection = .all,
        detailSelection: Selection? = nil
    ) {
        (self.list, self.detail) = (list, detail)
        (self.listSelection, self.detailSelection) = (listSelection, detailSelection)
    }

    /// Sets the fields.
    public func apply(to settings: inout ResourceSettings) {
        settings.listFields = list
        settings.detailFields = detail
        settings.listSelection = listSelection
        settings.detailSelection = detailSelection
    }
}

/// The rows that belong to the resource.
public struct Rows: ResourceFeature {
    private let selection: Selection

    /// Declares the rows. Others do not exist for the resource.
    public init(_ selection: Selection) { self.selection = selection }

    /// Sets the rows.
    public func apply(to settings: inout ResourceSettings) { settings.selection = settings.selection && selection }
}

/// The text fields that the parameter `search` looks in.
///
/// A field that is computed from another one has the search text computed in the same way: a hidden field with names in lower case is found
/// by text in any case.
public struct Search: ResourceFeature {
    private let fields: [String]

    /// Declares the fields.
    public init(_ fields: Field<String>...) { self.fields = fields.map(\.name) }

    /// Sets the fields.
    public func apply(to settings: inout ResourceSettings) { settings.searchFields = fields }
}

/// Middleware around the resource, outside of conditions and caching.
public struct Around: ResourceFeature {
    private let middleware: [any Middleware]

    /// Declares the middleware, outermost first.
    public init(@PipelineBuilder _ middleware: () throws -> [any Middleware]) rethrows {
        self.middleware = try middleware()
    }

    /// Adds the middleware.
    public func apply(to settings: inout ResourceSettings) { settings.outerMiddleware += middleware }
}

/// The rule that decides which rows a request may use: drf-extensions' `ExtendedDjangoObjectPermissions`.
///
/// A nested resource without a rule of its own can be read where its parent can be read, and written where the rule of the nearest parent
/// that has one permits ``ResourceAction/partialUpdate`` of the parent.
public struct Permissions: ResourceFeature {
    private let rule: ResourceSettings.AccessRule
    private let hidesForbiddenRows: Bool

    /// Declares the rule. It runs for each request, also for one with a cached response, so a change takes effect on the next request.
    ///
    /// - Parameters:
    ///   - hidesForbiddenRows: Whether a row that the rule for reading does not select is 404, as if it did not exist. Otherwise it is 401
    ///     without a user and 403 with one: drf-extensions' `hide_forbidden_for_read_objects`. Lists omit such rows in both cases, and a
    ///     hidden parent is always 404.
    ///   - rule: Returns which rows a request may use.
    public init(hidingForbiddenRows hidesForbiddenRows: Bool = true, _ rule: @escaping ResourceSettings.AccessRule) {
        (self.hidesForbiddenRows, self.rule) = (hidesForbiddenRows, rule)
    }

    /// Sets the rule. Of several rules, each has to permit a row, and one that hides rows is enough.
    public func apply(to settings: inout ResourceSettings) {
        guard let earlier = settings.access else {
            settings.access = rule
            return settings.hidesForbiddenRows = hidesForbiddenRows
        }
        settings.hidesForbiddenRows = settings.hidesForbiddenRows || hidesForbiddenRows
        settings.access = { [rule] exchange, action in
            try await earlier(exchange, action).and(try await rule(exchange, action))
        }
    }
}

/// A member with the URL of each row: drf-extensions' `ResourceUriField`. It is absolute if the request names the host.
public struct ResourceURI: ResourceFeature {
    private let member: String

    /// Declares the member.
    public init(_ member: String = "resource_uri") { self.member = member }

    /// Sets the member.
    public func apply(to settings: inout ResourceSettings) { settings.uriMember = member }
}

/// Whether paths end with a slash.
public struct TrailingSlash: ResourceFeature {
    /// Declares that paths end with a slash.
    public init() {}

    /// Sets the form of paths.
    public func apply(to settings: inout ResourceSettings) { settings.hasTrailingSlash = true }
}
