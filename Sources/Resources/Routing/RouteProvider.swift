/// What has routes for an adapter to register: a ``Resource``, or an ``OpenAPIDocument``.
public protocol RouteProvider {
    /// The routes.
    var routes: [ResourceRoute] { get }
}

extension Resource: RouteProvider {}
extension OpenAPIDocument: RouteProvider {}
extension DocumentationPage: RouteProvider {}
