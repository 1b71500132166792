import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

@Suite struct PathTemplateTests {
    @Test(
        arguments: [
            ("/cities/{id}", "/cities/5", ["id": "5"]), ("cities/:id", "//cities//a%20b/", ["id": "a%20b"]),
            ("/{a}/x/{b}", "/1/x/2", ["a": "1", "b": "2"]), ("/{a}/{a}", "/1/2", ["a": "2"]),
            ("/images/{name}.jpg", "/images/sun.set.jpg", ["name": "sun.set"]),
            ("/v{version}/x", "/v2/x", ["version": "2"]), ("/*/{id}", "/any/5", ["id": "5"]),
            ("/*.jpg/{id}", "/a.jpg/5", ["id": "5"]), ("/photo-*/{id}", "/photo-1/5", ["id": "5"]),
            ("/files/**", "/files/a//b/c", [":**:": "a//b/c"]), ("/**/{id}", "/a/b", [":**:": "a", "id": "b"]),
            ("/**/end/{id}", "/a/b/end/5", [":**:": "a/b", "id": "5"]),
            ("/**/m/**/n", "/a/m/b/c/n", [":**:": "a"]), ("/Cities/{id}", "/cities/5", ["id": "5"]), ("/", "/", [:]),
            ("/{open", "/{open", [:]), ("/{}", "/a", ["": "a"]), ("/caf\u{E9}/{id}", "/cafe\u{301}/5", ["id": "5"]),
            ("/{id}", "/a/\u{301}b", ["id": "a/\u{301}b"]),
        ] as [(String, String, [String: String])])
    func `A template extracts the parameters of a path`(template: String, path: String, expected: [String: String]) {
        let found = PathTemplate(template).parameters(of: path[...])
        #expect(found == PathParameters(named: expected.map { .init($0, .string($1)) }))
    }

    @Test(arguments: [
        ("/cities/{id}", "/cities"), ("/cities/{id}", "/towns/5"), ("/cities/{id}", "/cities/5/6"),
        ("/images/{name}.jpg", "/images/a.png"), ("/v{version}", "/x2"), ("/files/**", "/files"), ("/**/end", "/a/b"),
        ("/photo-*", "/pho"), ("/", "/a"),
        ("/a/{id}", "/a" + String(repeating: "\u{345}\u{301}", count: 100_000) + "/5"),
        ("/a{id}", "/a" + String(repeating: "\u{345}\u{301}", count: 100_000)),
    ])
    func `A path that does not match has no parameters`(template: String, path: String) {
        #expect(PathTemplate(template).parameters(of: path[...]) == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `The longest path with many wildcards takes one pass`() {
        let template = PathTemplate(String(repeating: "/**/a", count: 100) + "/{id}")
        let path = String(repeating: "/b/b/a", count: 20_000)
        #expect(template.parameters(of: path[...]) == nil)
    }

    @Test func `An exchange has parameters from the router or its template`() {
        var exchange = Exchange.testing(.get, "/cities/5?page=/7")
        #expect(exchange.pathParametersAfterRouting().isEmpty)
        exchange.route.template = "/cities/{id}"
        #expect(exchange.pathParametersAfterRouting() == PathParameters(named: [.init("id", "5")]))
        exchange.request.path = "/elsewhere"
        #expect(exchange.pathParametersAfterRouting().isEmpty)
        exchange.pathParameters = PathParameters(positional: [5])
        #expect(exchange.pathParametersAfterRouting() == PathParameters(positional: [5]))
    }
}
