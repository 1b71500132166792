#if Hummingbird
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import HummingbirdPipeline

@Suite struct ContinueHandlerTests {
    private static func request(_ expectation: String?) -> HTTPRequestPart {
        var request = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/")
        request.headerFields[.expect] = expectation
        return .head(request)
    }

    /// The statuses of the responses that were written.
    private static func statuses(_ channel: EmbeddedChannel) throws -> [Int] {
        var statuses: [Int] = []
        while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
            if case .head(let response) = part { statuses.append(response.status.code) }
        }
        return statuses
    }

    @Test(arguments: [("100-continue", [100]), ("100-Continue", [100]), ("other", []), (nil, [])])
    func `A body that is held back is asked for`(expectation: String?, statuses: [Int]) throws {
        let channel = EmbeddedChannel(handler: ContinueHandler())
        try channel.writeInbound(Self.request(expectation))
        #expect(try Self.statuses(channel) == statuses)
        #expect(try channel.readInbound(as: HTTPRequestPart.self) != nil)
    }

    @Test func `It waits for the end of earlier responses`() throws {
        let channel = EmbeddedChannel(handler: ContinueHandler())
        try channel.writeInbound(Self.request(nil))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeInbound(Self.request("100-continue"))
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        #expect(try Self.statuses(channel) == [200])
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(try Self.statuses(channel) == [100])
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .accepted)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(try Self.statuses(channel) == [202])
    }
}
#endif
