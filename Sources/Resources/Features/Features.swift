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
    private let selection: Selection?

    /// Declares the fields of representations.
    ///
    /// - Parameters:
    ///   - list: The names of the fields in lists; nil for all that are visible.
    ///   - detail: The names of the fields of single rows; nil for those of lists.
    ///   - selection: The rows that can be requested by their key; nil for those of lists.
    public init(list: [String]? = nil, detail: [String]? = nil, detailSelection selection: Selection? = nil) {
        (self.list, self.detail, self.selection) = (list, detail, selection)
    }

    /// Sets the fields.
    public func apply(to settings: inout ResourceSettings) {
        settings.listFields = list
        settings.detailFields = detail
        settings.detailSelection = selection
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

/// The rule that decides which rows a request may use.
public struct Permissions: ResourceFeature {
    private let rule: ResourceSettings.AccessRule

    /// Declares the rule. It runs for each request, also for one with a cached response, so a change takes effect on the next request.
    public init(_ rule: @escaping ResourceSettings.AccessRule) { self.rule = rule }

    /// Sets the rule. Of several rules, each has to permit a row.
    public func apply(to settings: inout ResourceSettings) {
        guard let earlier = settings.access else { return settings.access = rule }
        settings.access = { [rule] exchange, action in
            try await earlier(exchange, action).and(try await rule(exchange, action))
        }
    }
}

/// Resources below each row, at any depth: drf-extensions' nested routers.
///
/// The parent must exist and be visible to the request, also for lists. A created child belongs to the parent in the path.
public struct Nested: ResourceFeature {
    let resource: Resource
    let field: String
    let selection: Selection

    /// Declares a nested resource.
    ///
    /// - Parameters:
    ///   - resource: The resource of the children.
    ///   - field: The field of a child that has the key of its parent.
    ///   - selection: The children, if not all with that key are meant: a generic relation has the type of the parent in another field.
    public init<Value: FieldValue>(_ resource: Resource, by field: Field<Value>, where selection: Selection = .all) {
        (self.resource, self.field, self.selection) = (resource, field.name, selection)
    }

    /// Adds the resource.
    public func apply(to settings: inout ResourceSettings) { settings.children.append(self) }
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
