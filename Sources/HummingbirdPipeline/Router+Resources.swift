#if Hummingbird
import HTTPPipeline
import HTTPTypes
public import Hummingbird
public import Resources

extension RouterMethods where Context: PipelineRequestContext {
    /// Adds the routes of resources and of all resources below them.
    ///
    /// ```swift
    /// let router = Router(context: AppRequestContext.self)
    /// router.add(cities, countries)
    /// ```
    @discardableResult
    public func add(_ resources: Resource...) -> Self {
        for route in resources.flatMap(\.routes) { add(route) }
        return self
    }

    /// Adds the routes of an OpenAPI document, of a page that shows it, or of operations.
    @discardableResult
    public func add(_ provider: some RouteProvider) -> Self {
        for route in provider.routes { add(route) }
        return self
    }

    /// Adds one route.
    @discardableResult
    public func add(_ route: ResourceRoute) -> Self {
        on(RouterPath(route.template), method: route.method) { request, context in
            let exchange = Exchange(
                request.head, body: HTTPPipeline.RequestBody(.stream(request.body)), name: route.name,
                facts: ContextFacts(context))
            return try await route.respond(to: exchange).response()
        }
    }
}
#endif
