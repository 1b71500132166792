import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@testable import CacheMiddleware

@Suite struct CredentialCookieTests {
    /// Cookie fields as several lines.
    static func fields(_ lines: [String]) -> HTTPFields {
        var fields: HTTPFields = [:]
        for line in lines { fields.append(HTTPField(name: .cookie, value: line)) }
        return fields
    }

    /// Returns how often the handler ran for two equal requests.
    static func runs(
        _ lines: [String], _ selection: CookieSelection, key: KeyConstructor = ["path": .path],
        sharing: Sharing = .guarded, response: HTTPFields = [:]
    ) async throws -> Int {
        let settings = CacheSettings.with {
            $0.credentialCookies = selection
            $0.sharing = sharing
        }
        let harness = EngineHarness(key: key, settings: settings) { _, _ in .testing("", fields: response) }
        for _ in 0..<2 { _ = try await harness(.testing(fields: fields(lines))) }
        return harness.counter.count
    }

    static let session = CookieSelection.named(["session", "auth_*"])
    static let others = CookieSelection.allExcept(["_ga*", "theme"])

    @Test(
        arguments: [
            (["theme=dark"], .all, false), (["session=1"], .none, true), (["session"], .none, true),
            (["theme=dark; _ga=GA1.2"], session, true), (["theme=dark; _ga=GA1.2"], others, true),
            (["theme=dark; lang=de"], session, true), (["theme=dark; lang=de"], others, false),
            (["session=1"], session, false), (["auth_=1"], session, false), (["auth_b=1"], session, false),
            (["theme=dark; session=1"], session, false), (["theme=dark;session=1"], session, false),
            (["theme=dark", "session=1"], session, false), (["theme=dark", "_gat=1"], others, true),
            (["session=1; session=2"], session, false), (["theme=a; theme=b"], others, true),
            (["Session=1"], session, true), (["Theme=1"], others, false),
            (["theme=\"dark\""], others, true), (["theme="], others, true), (["theme=a=b=="], others, true),
            ([" theme=dark ;\t_ga=1 "], others, true), (["auth_*=1"], session, false), (["xauth_b=1"], session, true),
        ] as [([String], CookieSelection, Bool)])
    func `Only credential cookies bypass the cache`(
        lines: [String], selection: CookieSelection, isCached: Bool
    ) async throws {
        #expect(try await Self.runs(lines, selection) == (isCached ? 1 : 2))
    }

    /// Fields in which a parser may find a session.
    @Test(arguments: [
        "", ";", "theme", "theme=dark;", "theme=dark;;_ga=1", "=dark", "theme =dark", "theme=dark session=1",
        "theme=dark, session=1", "theme=\"a; session=1", "theme=\"a\"b", "theme=\"", "theme=a\\b", "t\u{E9}me=dark",
        "theme=d\u{E4}rk", "theme=dark;\u{301}session=1", "theme\u{301}=dark", "theme=a\tsession=1", "[theme]=dark",
        "theme;session=1", "theme=\"a, b\"", "$Version=1, theme=dark", "theme:dark", "theme=dark; =1",
    ])
    func `An ambiguous field counts as a credential`(line: String) async throws {
        for selection in [Self.session, .named(["session"]), .allExcept(["*"])] {
            #expect(try await Self.runs([line], selection) == 2)
            #expect(try await Self.runs(["theme=dark", line], selection) == 2)
        }
    }

    @Test(
        arguments: [
            (["theme=dark"], .all, true), (["theme=dark; theme=light"], .all, true), (["theme=dark; a=1"], .all, false),
            (["theme=dark", "a=1"], .all, false), (["theme=dark; session=1"], session, false),
            (["theme=dark; a=1"], session, true), (["theme=dark session"], .all, false), (["theme"], .all, false),
        ] as [([String], CookieSelection, Bool)])
    func `Cookies in the key are no credentials`(
        lines: [String], selection: CookieSelection, isCached: Bool
    ) async throws {
        #expect(try await Self.runs(lines, selection, key: ["c": .cookies(["theme"])]) == (isCached ? 1 : 2))
    }

    @Test(
        arguments: [
            (.all, ["theme"], ["theme=dark"], true), (.all, ["theme"], [], true),
            (.all, ["theme", "a"], ["a=1"], true),
            (.all, [], [], false), (.all, ["theme"], ["theme=dark; a=1"], false),
            // A request that has other cookies may have the same key.
            (others, ["theme"], ["theme=dark"], false), (.none, ["theme"], ["theme=dark"], false),
            (session, ["theme"], [], false), (others, ["lang"], ["lang=de"], false),
        ] as [(CookieSelection, [String], [String], Bool)])
    func `Vary with Cookie needs all cookies in the key`(
        selection: CookieSelection, names: [String], lines: [String], isCached: Bool
    ) async throws {
        let key: KeyConstructor = ["c": .cookies(.names(names))]
        let runs = try await Self.runs(lines, selection, key: key, response: [.vary: "Cookie"])
        #expect(runs == (isCached ? 1 : 2))
    }

    @Test func `A response that sets a cookie is not stored`() async throws {
        let key: KeyConstructor = ["c": .cookies(["theme"])]
        for selection in [CookieSelection.all, .none, Self.others] {
            let runs = try await Self.runs(["theme=dark"], selection, key: key, response: [.setCookie: "theme=light"])
            #expect(runs == 2)
        }
    }

    @Test func `A public route ignores all cookies`() async throws {
        #expect(try await Self.runs(["session=1"], .all, sharing: .public) == 1)
    }

    @Test func `Without Cookie as a credential field no cookie counts`() async throws {
        let settings = CacheSettings.with { $0.credentialFields.remove(.cookie) }
        let harness = EngineHarness(settings: settings)
        for _ in 0..<2 { _ = try await harness(.testing(fields: Self.fields(["session=1"]))) }
        #expect(harness.counter.count == 1)
    }

    @Test func `Other credentials still bypass the cache`() async throws {
        let settings = CacheSettings.with { $0.credentialCookies = .none }
        let harness = EngineHarness(settings: settings)
        let fields = Self.fields(["session=1"]) + [.authorization: "Bearer x"]
        for _ in 0..<2 { _ = try await harness(.testing(fields: fields)) }
        #expect(harness.counter.count == 2)
    }

    @Test(arguments: ["", "a b", "a=b", "a;", "caf\u{E9}", "a\"b"])
    func `A pattern that no cookie can match stops the program`(pattern: String) async {
        // An exit test takes no arguments.
        #expect(CookieSelection(words: [pattern]) == nil)
        await #expect(processExitsWith: .failure) { _ = CookieSelection.named(["a b"]) }
        await #expect(processExitsWith: .failure) { _ = CookieSelection.allExcept([""]) }
    }

    @Test func `A setting's words describe a selection`() {
        #expect(CookieSelection(words: ["all"]) == .all)
        #expect(CookieSelection(words: ["none"]) == CookieSelection.none)
        #expect(CookieSelection(words: ["a", "b*"]) == .named(["a", "b*"]))
        #expect(CookieSelection(words: ["!a", "!b*"]) == .allExcept(["a", "b*"]))
        #expect(CookieSelection(words: ["!a", "b*"]) == nil)
        #expect(CookieSelection(words: []) == nil)
    }

    // MARK: - Attacks

    /// All combinations of a route's options, except those that declare responses public.
    static let keys: [KeyConstructor] = [
        .safeDefault, ["path": .path], ["c": .cookies(["theme"])], ["c": .cookies(["session"])], ["c": .cookies("*")],
        ["c": .headers(["cookie"])], ["u": .user, "c": .cookies(["theme", "lang"])],
    ]

    @Test(
        arguments: [CookieSelection.all, session, .named(["sess*"]), .named(["*"]), others, .allExcept(["_*"])],
        [Sharing.guarded, .perUser])
    func `Users with different sessions never share an entry`(selection: CookieSelection, sharing: Sharing) async throws
    {
        let contexts: [(String) -> [String]] = [
            { ["session=\($0)"] }, { ["theme=dark; session=\($0)"] }, { ["session=\($0); theme=dark"] },
            { ["theme=dark", "session=\($0)"] }, { ["session=\($0)", "theme=dark"] }, { ["theme=dark;session=\($0);"] },
            { ["session=\"\($0)\""] }, { ["session =\($0)"] }, { [" session=\($0)"] }, { ["session=; session=\($0)"] },
            { ["session=\($0); session="] }, { ["theme=dark, session=\($0)"] }, { ["theme=\"; session=\($0)\""] },
            { ["theme=dark session=\($0)"] }, { ["theme=\($0)\u{301}; session=\($0)"] },
            { ["$Version=1; session=\($0)"] },
            { ["theme\u{0}; session=\($0)"] }, { ["session"] + ["session=\($0)"] },
        ]
        for key in Self.keys {
            for response: HTTPFields in [[:], [.vary: "Cookie"], [.vary: "Accept, cookie"], [.setCookie: "session=x"]] {
                let settings = CacheSettings.with {
                    $0.credentialCookies = selection
                    $0.sharing = sharing
                }
                let harness = EngineHarness(key: key, settings: settings) { _, exchange in
                    let fields = exchange.request.headerFields[values: .cookie].joined(separator: "; ")
                    return .testing(fields.contains("alice") ? "alice" : "bob", fields: response)
                }
                for context in contexts {
                    for user in ["alice", "bob", "alice", "bob"] {
                        let exchange = Exchange.testing(fields: Self.fields(context(user)))
                        #expect(try await harness.text(exchange) == user, "\(context(user))")
                    }
                }
            }
        }
    }
}

extension HTTPFields {
    fileprivate static func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
        var fields = left
        fields.append(contentsOf: right)
        return fields
    }
}
