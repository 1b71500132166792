/// What has routes for an adapter to register: a ``Resource``, or an ``OpenAPIDocument``.
public protocol RouteProvider {
    /// The routes.
    var routes: [ResourceRoute] { get }
}

/// What has routes that an ``OpenAPIDocument`` describes: a ``Resource``, or the operations of `BulkOperations`. Types of other packages do
/// not conform.
public protocol DescribedRoutes: RouteProvider {
    /// The descriptions of the routes.
    var descriptions: RouteDescriptions { get }
}

/// The descriptions of routes, for an ``OpenAPIDocument``.
public struct RouteDescriptions: Sendable {
    let mounts: [ResourceMount]
    let paths: @Sendable (inout OpenAPIComponents) -> [PathDescription]

    /// Describes the routes of a resource.
    init(_ mount: ResourceMount) {
        mounts = [mount]
        paths = { _ in [] }
    }

    /// Describes other routes.
    package init(_ paths: @escaping @Sendable (inout OpenAPIComponents) -> [PathDescription]) {
        mounts = []
        self.paths = paths
    }
}

extension Resource: DescribedRoutes {
    /// The descriptions of the routes.
    public var descriptions: RouteDescriptions { RouteDescriptions(ResourceMount(self)) }
}
extension OpenAPIDocument: RouteProvider {}
extension DocumentationPage: RouteProvider {}
