import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import RedisTransport
import Testing

@testable import PipelineSettings

@Suite struct HiddenSecretTests {
    @Test(arguments: [
        #"{"responseCache": {"redis": "redis://:hunter2@cache:6379"}}"#,
        #"{"responseCache": {"administration": "hunter2hunter2hunter2"}}"#,
        #"{"responseCache": {"administration": ["hunter2hunter2hunter2"]}}"#,
        #"{"responseCache": {"administration": {"secret": hunter2-hunter2-hunter2}}}"#,
        #"{"responseCache": {"administration": {"secret": 7hunter2hunter2hunter2}}}"#,
        #"{"responseCache": {"administration": {"secret": 'hunter2hunter2hunter2'}}}"#,
        #"{"responseCache": {"administration": {"secret" = "hunter2hunter2hunter2"}}}"#,
        #"{"responseCache": {"administration.secret": "hunter2hunter2hunter2"}}"#,
    ])
    func `No error of a file contains the secret`(json: String) throws {
        let problems = try Settings.problems(json: json)
        #expect(!problems.isEmpty)
        #expect(!problems.joined().contains("hunter2"), "\(problems)")
    }

    @Test func `Dumped settings contain no secret`() throws {
        var settings = Settings.standard
        settings.deployment.redisURL = "redis://:hunter2@cache"
        settings.deployment.administrationSecret = "hunter2hunter2hunter2"
        var text = "\(settings)"
        dump(settings, to: &text)
        dump(try RedisEndpoint(url: "redis://:hunter2@cache"), to: &text)
        #expect(!text.contains("hunter2"))
    }

    @Test func `A key of the closure is the key of the middleware`() async throws {
        let tenant = try #require(HTTPField.Name("X-Tenant"))
        var shared = CacheSettings.standard
        shared.key = .safeDefault.adding(["tenant": .headers(["x-tenant"])])
        let middleware = [
            Settings.standard.cacheMiddleware(in: RecordingStore()) { $0.key = shared.key },
            Settings.standard.cacheMiddleware(in: RecordingStore()) { $0 = shared },
            Settings.standard.cacheMiddleware(for: .object, key: shared.key, in: RecordingStore()) { $0 = .standard },
        ]
        for middleware in middleware {
            let handler = Pipeline { middleware }.wrap { .testing($0.request.headerFields[tenant] ?? "") }
            for name in ["acme", "other"] {
                #expect(try await handler(.testing(fields: [tenant: name])).text() == name)
            }
        }
    }

    @Test func `A tag key of the closure has the build ID`() async throws {
        var tags: [String?] = []
        for (build, key) in [("1", KeyConstructor?.none), ("2", nil), ("2", .default)] {
            var settings = Settings.standard
            settings.buildID = build
            settings.entityTags.defaultKey = key
            let handler = Pipeline { settings.entityTagMiddleware { $0.defaultKey = .safeDefault } }.wrap { _ in
                .testing("x")
            }
            tags.append(try await handler(.testing(.get, "/a")).headerFields[.eTag])
            tags.append(try await handler(.testing(.get, "/b")).headerFields[.eTag])
        }
        #expect(Set(tags).count == 4, "two builds and two paths, whatever key the settings have")
        #expect(tags[2] == tags[4])
    }
}
