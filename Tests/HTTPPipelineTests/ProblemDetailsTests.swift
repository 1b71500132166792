import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

struct ProblemDetailsTests {
    @Test(
        arguments: [
            (nil, #"{"detail":"No \"x\"."}"#),
            ("*/*", #"{"detail":"No \"x\"."}"#),
            ("application/json", #"{"detail":"No \"x\"."}"#),
            ("application/problem+json;q=0", #"{"detail":"No \"x\"."}"#),
            ("application/problem+jsonp", #"{"detail":"No \"x\"."}"#),
            ("application/problem+json", #"{"status":404,"title":"Not Found","detail":"No \"x\"."}"#),
            (
                "text/html, Application/Problem+JSON;q=0.1, */*",
                #"{"status":404,"title":"Not Found","detail":"No \"x\"."}"#
            ),
        ])
    func `Problem details are sent to requests that accept them`(accept: String?, body: String) async throws {
        var request = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/")
        request.headerFields[.accept] = accept
        let reply = ProblemDetails(.notFound, #"No "x"."#, headerFields: [.retryAfter: "1"]).reply(to: request)
        #expect(try await reply.body.collect(upTo: 1000).buffer == ByteBuffer(string: body))
        #expect(reply.status == .notFound)
        #expect(
            reply.headerFields[.contentType]
                == (body.hasPrefix(#"{"status""#) ? "application/problem+json" : "application/json"))
        #expect(reply.headerFields[.vary] == "Accept")
        #expect(reply.headerFields[.retryAfter] == "1")
    }
}
