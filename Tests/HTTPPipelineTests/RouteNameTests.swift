import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

@Suite struct RouteNameTests {
    static let request = HTTPRequest(method: .head, scheme: nil, authority: nil, path: "/cities/5?page=2")

    @Test(
        arguments: [
            ("CityView", "/cities/{id}", Route(view: "CityView", method: "get", template: "/cities/{id}")),
            (RouteName("a.b.get "), nil, Route(view: "a.b.get ", method: "get")),
            (RouteName(""), nil, Route(view: "", method: "get")),
            (.template, "/cities/{id}", Route(view: "/cities/{id}", method: "get", template: "/cities/{id}")),
            (.template, nil, Route(view: "/cities/5", method: "get")),
            (.path, "/cities/{id}", Route(view: "/cities/5", method: "get")),
        ] as [(RouteName, String?, Route)])
    func `A route has the name, the template or the path`(name: RouteName, template: String?, route: Route) {
        #expect(name.route(of: Self.request, template: template) == route)
    }

    @Test func `An empty name stands for the template or the path`() {
        #expect(RouteName("template") != .template)
        #expect(RouteName("path") != .path)
        #expect(RouteName("CityView") == "CityView")
    }
}
