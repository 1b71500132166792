import ETag
import HTTPTypes
import Testing

@Suite struct PreconditionsTests {
    @Test(
        arguments: [
            (HTTPRequest.Method.get, nil, nil, .proceed),
            (.get, nil, #""a""#, .notModified),
            (.head, nil, #""x", "a""#, .notModified),
            (.get, nil, #"W/"a""#, .notModified),
            (.get, nil, "*", .notModified),
            (.get, nil, #""x""#, .proceed),
            (.get, nil, "a", .notModified),
            (.put, nil, #""a""#, .failed),
            (.put, nil, "*", .failed),
            (.put, #""a""#, nil, .proceed),
            (.put, #""x""#, nil, .failed),
            (.put, #"W/"a""#, nil, .failed),
            (.put, "*", nil, .proceed),
            (.get, #""x""#, nil, .failed),
            (.get, #""x""#, #""a""#, .failed),
            (.get, #""a""#, #""a""#, .notModified),
            (.put, #""a""#, #""x""#, .proceed),
            (.put, "", "", .proceed),
        ] as [(HTTPRequest.Method, String?, String?, Preconditions.Outcome)])
    func `If-Match is evaluated first and strongly, then If-None-Match weakly`(
        method: HTTPRequest.Method, ifMatch: String?, ifNoneMatch: String?, expected: Preconditions.Outcome
    ) throws {
        var fields = HTTPFields()
        fields[.ifMatch] = ifMatch
        fields[.ifNoneMatch] = ifNoneMatch
        let tag = try #require(EntityTag("a"))
        #expect(Preconditions(fields).evaluate(method: method, current: Validators(tag: tag)) == expected)
    }

    @Test func `Without a representation If-Match fails and If-None-Match holds`() {
        #expect(Preconditions([.ifMatch: "*"]).evaluate(method: .put, current: nil) == .failed)
        #expect(Preconditions([.ifNoneMatch: "*"]).evaluate(method: .put, current: nil) == .proceed)
    }

    @Test func `Repeated lines are one list`() throws {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .ifNoneMatch, value: "\"x\""))
        fields.append(HTTPField(name: .ifNoneMatch, value: "\"a\""))
        let tag = try #require(EntityTag("a"))
        #expect(Preconditions(fields).evaluate(method: .get, current: Validators(tag: tag)) == .notModified)
    }
}
