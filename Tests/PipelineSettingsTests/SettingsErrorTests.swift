import CacheMiddleware
import PipelineTesting
import Testing

@testable import PipelineSettings

@Suite struct SettingsErrorTests {
    static let cookies = #""all", "none", or names of cookies such as "auth_*"; with "!" before each, all others"#

    static let seconds = "a number of seconds from 0 to 3153600000"

    @Test(arguments: [
        ("CACHE_LIFETIME", "15m", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_LIFETIME", "", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_LIFETIME", "-1", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_LIFETIME", "nan", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_LIFETIME", "inf", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_LIFETIME", "3153600001", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_STATUS_LIFETIMES_404", "soon", #"\#(seconds), "forever" or "doNotStore""#),
        ("CACHE_STATUS_LIFETIMES_4O4", "10", "a name that ends with a status from 200 to 599"),
        ("CACHE_STATUS_LIFETIMES_101", "10", "a name that ends with a status from 200 to 599"),
        ("CACHE_STALE_IF_ERROR", "forever", seconds),
        ("CACHE_STALE_WHILE_REVALIDATE", "-0.5", seconds),
        ("CACHE_STORE_TIMEOUT", "0", "a number of seconds from 0.001 to 3153600000"),
        ("CACHE_WAIT_LIMIT", "unlimited", #"\#(seconds), or "none""#),
        ("CACHE_LOCK_DURATION", "0", #"a number of seconds from 0.001 to 3153600000, or "none""#),
        ("CACHE_LIFETIME_JITTER", "1.5", "a number from 0 to 1"),
        ("CACHE_EARLY_REFRESH", "-1", "a number from 0 to 1000"),
        ("CACHE_MAXIMUM_BODY_SIZE", "-1", "a whole number from 0"),
        ("CACHE_MAXIMUM_BODY_SIZE", "1MB", "a whole number from 0"),
        ("CACHE_MAXIMUM_BODY_SIZE", "99999999999999999999", "a whole number from 0"),
        ("CACHE_BREAKER_FAILURE_THRESHOLD", "0", "a whole number from 1"),
        ("CACHE_CACHES_ERRORS", "maybe", "true or false"),
        ("CACHE_SHARING", "gaurded", #""guarded", "perUser" or "public""#),
        ("CACHE_PURGE_MODE", "Soft", #""hard" or "soft""#),
        ("CACHE_NAME", "my cache", "a token: letters, digits and !#$%&'*+-.^_`|~"),
        ("CACHE_NAME", "", "a token: letters, digits and !#$%&'*+-.^_`|~"),
        ("CACHE_STORE", "", "a text that is not empty"),
        ("CACHE_UNSTORED_FIELDS", "X-A, X B", #"names of header fields, or "none""#),
        ("CACHE_CREDENTIAL_FIELDS", "", #"names of header fields, or "none""#),
        ("CACHE_CREDENTIAL_COOKIES", "", cookies), ("CACHE_CREDENTIAL_COOKIES", "session, !theme", cookies),
        ("CACHE_CREDENTIAL_COOKIES", "my session", cookies), ("CACHE_CREDENTIAL_COOKIES", "all, none=1", cookies),
        ("PRESET", "django", #""standard" or "drf""#),
        ("ENTITY_TAGS_EVALUATION", "late", #""exact" or "early""#),
    ])
    func `An invalid value of a variable is an error`(name: String, value: String, expected: String) throws {
        let problems = try Settings.problems(environment: ["RESPONSE_CACHE_\(name)": value])
        #expect(problems == [#"RESPONSE_CACHE_\#(name) is "\#(value)"; expected \#(expected)"#])
    }

    static let keys = #"""
        "default", "defaultList", "defaultModelInstance", "defaultModelList", "defaultObject", "safeDefault", \#
        "safeDefaultList", "safeDefaultObject", "safeModelInstance" or "safeModelList"
        """#

    @Test(arguments: [
        ("CACHE_KEY", "bodyDigest", keys), ("KEYS_LIST_CACHE", "", keys),
        ("ENTITY_TAGS_KEY", "city", #""bodyDigest", \#(keys)"#),
    ])
    func `An unregistered key name is an error`(name: String, value: String, expected: String) throws {
        let problems = try Settings.problems(environment: ["RESPONSE_CACHE_\(name)": value])
        #expect(problems == [#"RESPONSE_CACHE_\#(name) is "\#(value)"; expected \#(expected)"#])
    }

    @Test(arguments: [
        (#""lifetime": true"#, "lifetime", "true", #"\#(seconds), "forever" or "doNotStore""#),
        (#""lifetime": null"#, "lifetime", "null", #"\#(seconds), "forever" or "doNotStore""#),
        (#""lifetime": "15m""#, "lifetime", #""15m""#, #"\#(seconds), "forever" or "doNotStore""#),
        (#""lifetime": -0.5"#, "lifetime", "-0.5", #"\#(seconds), "forever" or "doNotStore""#),
        (#""staleIfError": "30""#, "staleIfError", #""30""#, seconds),
        (#""cachesErrors": 1"#, "cachesErrors", "1", "true or false"),
        (#""cachesErrors": "true""#, "cachesErrors", #""true""#, "true or false"),
        (#""sharing": {"a": 1}"#, "sharing", #"{"a":1}"#, #""guarded", "perUser" or "public""#),
        (#""maximumBodySize": 1.5"#, "maximumBodySize", "1.5", "a whole number from 0"),
        (#""unstoredFields": "X-A""#, "unstoredFields", #""X-A""#, #"names of header fields, or "none""#),
        (#""unstoredFields": ["X-A", 1]"#, "unstoredFields", #"["X-A",1]"#, #"names of header fields, or "none""#),
        (#""unstoredFields": ["X A"]"#, "unstoredFields", #"["X A"]"#, #"names of header fields, or "none""#),
        (#""credentialCookies": []"#, "credentialCookies", "[]", cookies),
        (#""credentialCookies": true"#, "credentialCookies", "true", cookies),
        (#""credentialCookies": "!""#, "credentialCookies", #""!""#, cookies),
        (#""statusLifetimes": 10"#, "statusLifetimes", "10", "an object"),
        (#""statusLifetimes": {"404": []}"#, "statusLifetimes.404", "[]", #"\#(seconds), "forever" or "doNotStore""#),
    ])
    func `An invalid value of a member is an error`(member: String, name: String, value: String, expected: String)
        throws
    {
        let problems = try Settings.problems(json: "{\"responseCache\": {\"cache\": {\(member)}}}")
        #expect(
            problems == ["responseCache.cache.\(name) is \(value); expected \(expected)"])
    }

    @Test(
        arguments: [
            ("CACHE_LIFTIME", "CACHE_LIFETIME"), ("CACHE_SHAREING", "CACHE_SHARING"), ("LIFETIME", "CACHE_LIFETIME"),
            ("KEY", nil),
            ("PURGES_URL", "CACHE_PURGES_URL"), ("STALE_IF_ERROR", "CACHE_STALE_IF_ERROR"), ("PORT", nil),
            ("CACHE_STATUS_LIFETIMES", nil), ("", nil),
        ] as [(String, String?)])
    func `An unknown variable is an error`(name: String, meant: String?) throws {
        let problems = try Settings.problems(environment: ["RESPONSE_CACHE_\(name)": "1"])
        let hint = meant.map { "; did you mean RESPONSE_CACHE_\($0)?" } ?? ""
        #expect(problems == ["unknown setting RESPONSE_CACHE_\(name)\(hint)"])
    }

    @Test(
        arguments: [
            (#"{"cache": {"liftime": 1}}"#, "cache.liftime", "cache.lifetime"),
            (#"{"cache": {"cachesError": true}}"#, "cache.cachesError", "cache.cachesErrors"),
            (#"{"cache": {"Lifetime": 1}}"#, "cache.Lifetime", "cache.lifetime"),
            (#"{"cahce": {"lifetime": 1}}"#, "cahce", "cache"),
            (#"{"lifetime": 1}"#, "lifetime", "cache.lifetime"),
            (#"{"cache": {"statusLifetime": {}}}"#, "cache.statusLifetime", "cache.statusLifetimes"),
            (#"{"cache": {"key.x": 1}}"#, #"cache."key.x""#, "cache.key"),
            (#"{"cache.lifetime": 1}"#, #""cache.lifetime""#, "cache.lifetime"),
            (#"{"cache": {"lifetime.": 1}}"#, #"cache."lifetime.""#, "cache.lifetime"),
            (#"{"cache": {"redis": {"url": "a"}}}"#, "cache.redis", nil),
            (#"{"": 1}"#, #""""#, nil),
        ] as [(String, String, String?)])
    func `An unknown member is an error`(section: String, name: String, meant: String?) throws {
        let problems = try Settings.problems(json: "{\"responseCache\": \(section)}")
        let hint = meant.map { "; did you mean \"responseCache.\($0)\"?" } ?? ""
        #expect(problems == ["unknown setting \"responseCache.\(name)\"\(hint)"])
    }

    @Test(arguments: [
        ("[]", "1:1 the top level is []; expected an object"),
        (#"{"responseCache": 5}"#, "1:19 responseCache is 5; expected an object"),
        (
            #"{"responsecache": {}}"#,
            #"1:2 unknown setting "responsecache"; did you mean "responseCache"?"#
        ),
    ])
    func `A section that is not an object is an error`(json: String, problem: String) throws {
        #expect(try Settings.placedProblems(json: json) == [problem])
    }

    @Test func `A file without a section changes nothing`() throws {
        #expect(try Settings.problems(json: #"{"database": {"url": "..."}}"#) == [])
    }

    @Test func `An unknown store is an error at start`() throws {
        let stores = CacheStores(default: RecordingStore(), ["large": RecordingStore()])
        let settings = { (name: String) in try Settings.load(environment: ["RESPONSE_CACHE_CACHE_STORE": name]) }
        #expect(try settings("large").store(in: stores) as? RecordingStore === stores["large"] as? RecordingStore)
        #expect(throws: UnknownStore.self) { try settings("larg").store(in: stores) }
    }

    @Test(arguments: [
        ("RESPONSE_CACHE_ADMINISTRATION_SECRET", "hunter2", "at least 16 bytes"),
        ("RESPONSE_CACHE_REDIS_URL", "hunter2@host", "a URL such as redis://host:6379"),
    ])
    func `An error does not contain a secret`(variable: String, value: String, expected: String) throws {
        let error = #expect(throws: SettingsError.self) { try Settings.load(environment: [variable: value]) }
        let problem = try #require(error?.problems.first)
        #expect(problem.description == "\(variable) is invalid (its value is a secret); expected \(expected)")
        #expect(problem.value == nil)
        let json = #"{"responseCache": {"administration": {"secret": "hunter2"}, "redis": {"url": 7}}}"#
        for problem in try Settings.placedProblems(json: json) { #expect(!problem.contains("hunter2")) }
    }

    @Test func `All errors are reported at once`() throws {
        // Also in a value that a variable replaces.
        let file = try JSONFile(
            """
            {"responseCache": {
              "cache": {"sharing": "all", "liftime": 1,},
              "preset": "none"
            }}
            """)
        let error = #expect(throws: SettingsError.self) {
            try Settings.load(
                environment: [
                    "RESPONSE_CACHE_CACHE_SHARING": "public", "RESPONSE_CACHE_CACHE_NAME": "a b",
                    "RESPONSE_CACHE_X": "",
                    "OTHER": "",
                ], jsonFile: file.path)
        }
        #expect(
            error?.description.replacing(file.path, with: "settings.json") == """
                invalid settings:
                - settings.json:2:24: responseCache.cache.sharing is "all"; expected "guarded", "perUser" or "public"
                - settings.json:2:31: unknown setting "responseCache.cache.liftime"; did you mean "responseCache.cache.lifetime"?
                - settings.json:2:43: trailing comma
                - settings.json:3:13: responseCache.preset is "none"; expected "standard" or "drf"
                - RESPONSE_CACHE_CACHE_NAME is "a b"; expected a token: letters, digits and !#$%&'*+-.^_`|~
                - unknown setting RESPONSE_CACHE_X
                """)
    }

    @Test(arguments: [
        "", "a b", "a\tb", "\u{E9}", String(repeating: "x", count: 129),
    ])
    func `A build ID has only visible ASCII characters`(id: String) throws {
        let expected = ["1 to 128 visible ASCII characters"]
        let problems = try Settings.problems(environment: ["RESPONSE_CACHE_BUILD_ID": id])
        #expect(problems.map { $0.split(separator: "; expected ").last.map(String.init) } == expected)
    }

    @Test(arguments: ["apiObjectEntityTag", "apiListEntityTag"])
    func `A body digest cannot guard required conditions`(member: String) throws {
        let problems = try Settings.problems(json: #"{"responseCache": {"keys": {"\#(member)": "bodyDigest"}}}"#)
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix(#"responseCache.keys.\#(member) is "bodyDigest"; expected "default","#) == true)
        #expect(problems.first?.hasSuffix(#""bodyDigest" is not known before an update and cannot guard it"#) == true)
    }

    @Test func `The value of an unknown variable is not shown`() throws {
        // A long value is cut.
        let secret = "redis://user:password@host"
        #expect(try !Settings.problems(environment: ["RESPONSE_CACHE_REDIS_URI": secret])[0].contains("password"))
        let long = String(repeating: "x", count: 10_000)
        #expect(try Settings.problems(environment: ["RESPONSE_CACHE_CACHE_LIFETIME": long])[0].count < 250)
    }
}
