import Testing

/// A setting, and a value for it that differs from both presets.
struct SettingSample: CustomTestStringConvertible {
    let member: String
    /// The value as in a variable.
    let text: String
    /// The value as in JSON.
    let json: String

    var testDescription: String { member }

    private init(_ member: String, _ text: String, _ json: String? = nil) {
        self.member = member
        self.text = text
        self.json = json ?? text
    }

    private static func word(_ member: String, _ text: String) -> SettingSample { Self(member, text, "\"\(text)\"") }

    /// Every setting but `preset`. A flag has the value that `standard` does not have.
    static let all: [SettingSample] = [
        Self("memoizesKeys", "false"),
        word("buildID", "2026-11-27.3"),
        Self("memory.byteLimit", "1048576"),
        word("redis.url", "redis://user:password@host:6379/1"),
        word("redis.prefix", "cities:"),
        word("administration.secret", "correct horse battery"),
        Self("cache.lifetime", "12.5"),
        word("cache.key", "defaultList"),
        word("cache.store", "large"),
        Self("cache.cachesErrors", "true"),
        Self("cache.cachesThrownErrors", "false"),
        word("cache.sharing", "perUser"),
        Self("cache.credentialFields", "cookie,x-token", #"["Cookie", "X-Token"]"#),
        Self("cache.credentialCookies", "!theme,!_ga*", #"["!theme", "!_ga*"]"#),
        Self("cache.maximumBodySize", "2048"),
        Self("cache.storesSetCookie", "true"),
        Self("cache.unstoredFields", "x-a,x-b", #"["X-A", "X-B"]"#),
        Self("cache.singleFlight", "false"),
        Self("cache.waitLimit", "3"),
        Self("cache.lockDuration", "0.5"),
        Self("cache.staleWhileRevalidate", "30"),
        Self("cache.staleIfError", "3600"),
        Self("cache.earlyRefresh", "1.5"),
        Self("cache.lifetimeJitter", "0.1"),
        Self("cache.honorsNoCache", "true"),
        Self("cache.purgesURL", "false"),
        word("cache.purgeMode", "soft"),
        word("cache.name", "edge"),
        Self("cache.sendsStatus", "false"),
        Self("cache.explainsStatus", "true"),
        Self("cache.storeTimeout", "0.1"),
        Self("cache.breakerFailureThreshold", "7"),
        Self("cache.breakerPause", "2"),
        word("entityTags.evaluation", "early"),
        Self("entityTags.tagsErrors", "true"),
        Self("entityTags.tagsEveryMethod", "true"),
        Self("entityTags.separatesMethods", "true"),
        word("entityTags.asterisk", "anywhere"),
        word("entityTags.key", "safeDefault"),
        word("keys.objectCache", "safeDefault"),
        word("keys.listCache", "safeDefault"),
        word("keys.objectEntityTag", "safeDefault"),
        word("keys.listEntityTag", "safeDefault"),
        word("keys.apiObjectEntityTag", "safeDefault"),
        word("keys.apiListEntityTag", "safeDefault"),
    ]

    /// The JSON of a file with only this setting.
    var file: String {
        let members = ["responseCache"] + member.split(separator: ".").map(String.init)
        return members.reversed().reduce(json) { #"{"\#($1)": \#($0)}"# }
    }
}
