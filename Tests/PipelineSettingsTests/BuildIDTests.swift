import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting
import Testing

/// Two builds of an application that share a store.
@Suite struct BuildIDTests {
    static func settings(_ buildID: String?) -> Settings {
        var settings = Settings.standard
        settings.buildID = buildID
        return settings
    }

    @Test(arguments: Settings.Endpoint.allCases)
    func `Builds do not share entries`(endpoint: Settings.Endpoint) async throws {
        let store = RecordingStore()
        for build in [nil, "1", "2", "1", "2", nil] as [String?] {
            let service = Service(Self.settings(build), store: store, placing: .cache(endpoint)) { _, _ in
                .testing("build \(build ?? "none")")
            }
            #expect(try await service().text() == "build \(build ?? "none")")
        }
        #expect(store.entries.count == 3)
    }

    @Test func `A route's own key is separated`() async throws {
        // Closures and bits of the same name, too.
        let keys: [KeyConstructor] = [
            ["key": .computed { .string($0.request.path ?? "") }], ["key": .awaited { .string($0.request.path ?? "") }],
            ["build_id": .path], ["build_id": .path, "_build_id": .format],
        ]
        for key in keys {
            let store = RecordingStore()
            let placement = Placement { settings, store, runtime, time in
                settings.pipeline {
                    settings.entityTagMiddleware(key: key, timeSource: time)
                    settings.cacheMiddleware(key: key, in: store, runtime: runtime)
                }
            }
            var tags: Set<String?> = []
            for build in [nil, "1", "2"] as [String?] {
                let service = Service(Self.settings(build), store: store, placing: placement)
                for target in ["/a", "/b"] { tags.insert(try await service(.get, target).field("ETag")) }
            }
            #expect(store.entries.count == 6, "\(key.names)")
            #expect(tags.count == 6)
        }
    }

    @Test(arguments: [nil, "42"])
    func `The administration explains keys with the build ID`(build: String?) async throws {
        let (store, runtime, settings) = (RecordingStore(), CacheRuntime.testing(), Self.settings(build))
        let stores = CacheStores(default: store)
        let handler = settings.pipeline {
            CacheAdministration(of: stores, runtime: runtime, allowing: AccessCheck { _ in true })
            settings.cacheMiddleware(for: .object, in: store, runtime: runtime)
        }.wrap { _ in .testing("") }
        _ = try await handler(.testing(.get, "/a"))
        let text = try await handler(.testing(.get, "/cache-administration/keys/tests.View?target=/a")).text()
        let key = try #require(store.entries.keys.first)
        #expect(text.contains("\"key\": \"\(key)\""), "\(text)")
        #expect(text.contains(#"\"build_id\": \"42\""#) == (build != nil))
    }

    @Test func `Configured tags are separated, body digests are not`() async throws {
        func tags(_ placement: Placement, _ edit: (inout Settings) -> Void = { _ in }) async throws -> Int {
            var tags: Set<String?> = []
            for build in [nil, "1", "2"] as [String?] {
                var settings = Self.settings(build)
                edit(&settings)
                let service = Service(settings, placing: placement)
                tags.insert(try await service(attributes: SettingsMiddlewareTests.row(1)).field("ETag"))
            }
            return tags.count
        }
        #expect(try await tags(.tags(.view)) == 1)
        #expect(try await tags(.tags(.view)) { $0.entityTags.defaultKey = .safeDefault } == 3)
        #expect(try await tags(.tags(.object)) { $0.keys.objectEntityTag = .safeDefault } == 3)
        #expect(try await tags(.tags(.list)) { $0.keys.listEntityTag = .safeDefault } == 3)
        #expect(try await tags(.apiTags(.object)) == 3)
        #expect(try await tags(.apiTags(.list)) == 3)
    }

    @Test func `A purge by tag reaches the entries of both builds`() async throws {
        let store = RecordingStore()
        let placement = Placement { settings, store, runtime, _ in
            settings.pipeline {
                settings.cacheMiddleware(in: store, runtime: runtime) {
                    $0.tags = ["cities"]
                    $0.purgesTags = ["cities"]
                }
            }
        }
        let (old, new) = (
            Service(Self.settings("1"), store: store, placing: placement),
            Service(Self.settings("2"), store: store, placing: placement)
        )
        _ = try await (old(), new())
        _ = try await new(.put, "/other")
        #expect(try await old().text() == "run 2")
    }

    @Test func `Without a build ID keys are unchanged`() async throws {
        let key = Settings.standard.routeKey(.defaultObject)
        #expect(key == .defaultObject)
        #expect(try await key.key(for: .testing()) == KeyConstructor.defaultObject.key(for: .testing()))
        let explanation = try await Self.settings("1").routeKey(.default).explanation(for: .testing())
        #expect(explanation.contains(#""build_id": "1""#))
    }

    @Test func `Middleware that share a key share its memo`() async throws {
        let count = HandlerCounter()
        let key: KeyConstructor = ["count": .computed { _ in .integer(count.increment() * 0) }]
        var settings = Self.settings("1")
        settings.memoizesKeys = true
        let placement = Placement { settings, store, runtime, time in
            settings.pipeline {
                settings.entityTagMiddleware(key: key, timeSource: time)
                settings.cacheMiddleware(key: key, in: store, runtime: runtime)
            }
        }
        _ = try await Service(settings, placing: placement)()
        #expect(count.count == 1)
    }

    @Test func `Any number of keys is separated`() {
        let settings = Self.settings("1")
        for number in 0..<3000 {
            let key = settings.routeKey(["\(number)": .path])
            #expect(key.names == ["\(number)", "build_id"].sorted())
        }
    }

    @Test func `The store prefix contains the build ID, if any`() {
        #expect(Self.settings(nil).storePrefix() == "response-cache:")
        #expect(Self.settings("v1.2").storePrefix() == "response-cache:v1.2:")
        #expect(Self.settings("v1.2").storePrefix("cities:") == "cities:v1.2:")
    }

    @Test func `A preset keeps the application's build ID`() throws {
        let settings = try Settings.load(environment: ["RESPONSE_CACHE_PRESET": "drf"], base: Self.settings("1"))
        #expect(settings.buildID == "1")
        #expect(settings.cache.sharing == .public)
    }
}
