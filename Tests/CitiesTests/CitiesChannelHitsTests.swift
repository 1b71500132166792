import Foundation
import HTTPTypes
import Hummingbird
import TestSupport
import Testing

@testable import Cities

@Suite(.timeLimit(.minutes(5)))
struct CitiesChannelHitsTests {
    private static let secret = "cities-test-secret"

    @Test(arguments: ["/cities?country_code=DE", "/cities/2950159"])
    func `Repeated requests are answered in the channel until a write`(target: String) async throws {
        try await CitiesServer.run(administrationSecret: Self.secret) { send in
            let first = try await send(.get, target)
            let tag = try #require(first.tag)
            for fields in [[:], [.ifNoneMatch: tag]] as [HTTPFields] {
                let before = try await Self.answered(send)
                // Last-Modified is sent, and responses are kept, once its second is over.
                try await eventually {
                    for _ in 0..<10 {
                        let response = try await send(.get, target, fields)
                        #expect(response.status == (fields.isEmpty ? 200 : 304))
                        #expect(response.tag == tag)
                        #expect(response.text == (fields.isEmpty ? first.text : ""))
                    }
                    return try await Self.answered(send) > before
                }
            }
            let queries = try await send.queries("cities")
            #expect(queries <= 2, "the first response, and the version of a row")
            let fields: HTTPFields = [.contentType: "application/json", .ifMatch: "*"]
            let written = try await send(.patch, "/cities/2950159", fields, body: #"{"population": 5}"#)
            try #require(written.status == 200, "\(written.text)")
            for fields in [[:], [.ifNoneMatch: tag]] as [HTTPFields] {
                let response = try await send(.get, target, fields)
                #expect(response.status == 200)
                #expect(response.tag != tag)
            }
        }
    }

    /// The number of requests that were answered in the channel, as the administration shows it.
    private static func answered(_ send: CitiesServer) async throws -> Int {
        let statistics = try await send(
            .get, "/cache-administration/statistics", [.authorization: "Bearer \(secret)"])
        let figures = try #require(statistics.object["below_framework"] as? [String: Any])
        return try #require(figures["hits"] as? Int)
    }
}
