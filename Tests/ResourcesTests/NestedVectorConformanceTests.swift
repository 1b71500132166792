#if Hummingbird
import Foundation
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import TestSupport
import Testing

@testable import Resources

/// Runs the routes and requests recorded from nested routers of drf-extensions, behind a router of Hummingbird.
@Suite(.timeLimit(.minutes(2))) struct NestedVectorConformanceTests {
    @Test(arguments: [("standard", ResourceSettings()), ("drf", .drf)])
    func `Recorded nested requests give the recorded responses`(name: String, settings: ResourceSettings) async throws {
        var report = ConformanceReport(file: "nested.json, \(name)")
        for vector in try ConformanceReport.cases(of: NestedVector.self, in: "nested.json") {
            if let ours = vector.ours {
                report.skip(vector.name, "rule \(ours.rule): \(ours.why)")
                continue
            }
            let resources = try NestedFixture.resources(vector, settings)
            let failure = Self.difference(of: resources.flatMap(\.routes), from: vector.urls ?? [])
            report.check("\(vector.name): routes", failure == nil, failure ?? "")
            for path in vector.paths ?? [] {
                let expected = path.response(isDRF: name == "drf")
                let actual = try await Self.response(of: resources, to: path)
                let isExpected = actual == expected
                report.check("\(vector.name): \(path.method) \(path.path)", isExpected, "\(actual), not \(expected)")
            }
        }
        report.finish()
    }

    private static func response(of resources: [Resource], to path: NestedVector.Path) async throws
        -> NestedVector.Response
    {
        let router = Router(context: UserContext.self)
        for resource in resources { router.add(resource) }
        let answer = try await Application(router: router).test(.router) { client in
            try await Client(client: client).send(.init(path.method) ?? .get, path.path)
        }
        guard answer.status == 200 else { return .init(status: answer.status) }
        let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any] ?? [:]
        let rows = object["results"] as? [[String: Any]] ?? [object]
        return .init(status: 200, ids: rows.compactMap { $0["id"] as? Int })
    }

    /// Returns which methods and templates differ.
    private static func difference(of routes: [ResourceRoute], from urls: [NestedVector.URL]) -> String? {
        let actual = Set(
            routes.filter { ![.head, .options].contains($0.method) && !$0.pipeline.middleware.isEmpty }
                .map { route in
                    "\(route.method) "
                        + route.template.replacing(/\{[^}]*\}/, with: "{}").replacing(/^\/v[12]/, with: "/{}")
                })
        let expected = Set(
            urls.flatMap { url in url.methods.map { "\($0.uppercased()) \(url.template)" } })
        return actual == expected ? nil : "\(actual.symmetricDifference(expected).sorted())"
    }
}
#endif
