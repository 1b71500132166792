import CacheMiddleware
import Configuration
import ETag

extension SettingDefinition {
    /// The settings outside of the groups.
    static let general: [SettingDefinition] = [
        .preset("preset", of: ["standard": .standard, "drf": .drf]),
        .flag("memoizesKeys", to: \.memoizesKeys),
        .buildID("buildID", to: \.buildID),
    ]

    /// The members of ``DeploymentSettings``.
    static let deployment: [SettingDefinition] = [
        .integer("memory", "byteLimit", from: 1, to: \.deployment.memoryByteLimit),
        .secret("redis", "url", expecting: "a URL such as redis://host:6379", to: \.deployment.redisURL) {
            $0.contains("://")
        },
        .text("redis", "prefix", to: \.deployment.redisPrefix),
        .secret(
            "administration", "secret", expecting: "at least \(AccessCheck.minimumSecretSize) bytes",
            to: \.deployment.administrationSecret
        ) { $0.utf8.count >= AccessCheck.minimumSecretSize },
    ]

    /// The members of `CacheSettings`, except for the lifetimes of single statuses.
    static let cache: [SettingDefinition] = [
        .lifetime("cache", "lifetime", to: \.cache.lifetime),
        .key("cache", "key", to: \.cache.key),
        .text("cache", "store", to: \.cache.storeName),
        .flag("cache", "cachesErrors", to: \.cache.cachesErrors),
        .flag("cache", "cachesThrownErrors", to: \.cache.cachesThrownErrors),
        .choice(
            "cache", "sharing", of: ["guarded": .guarded, "perUser": .perUser, "public": .public],
            to: \.cache.sharing
        ),
        .fieldNames("cache", "credentialFields", to: \.cache.credentialFields),
        .cookies("cache", "credentialCookies", to: \.cache.credentialCookies),
        .integer("cache", "maximumBodySize", from: 0, to: \.cache.maximumBodySize),
        .flag("cache", "storesSetCookie", to: \.cache.storesSetCookie),
        .fieldNames("cache", "unstoredFields", to: \.cache.unstoredFields),
        .flag("cache", "singleFlight", to: \.cache.singleFlight.isEnabled),
        .optionalDuration("cache", "waitLimit", to: \.cache.singleFlight.waitLimit),
        .optionalDuration("cache", "lockDuration", from: 0.001, to: \.cache.singleFlight.lockDuration),
        .duration("cache", "staleWhileRevalidate", to: \.cache.stale.whileRevalidating),
        .duration("cache", "staleIfError", to: \.cache.stale.ifError),
        .number("cache", "earlyRefresh", in: 0...1000, to: \.cache.stale.earlyRefresh),
        .number("cache", "lifetimeJitter", in: 0...1, to: \.cache.lifetimeJitter),
        .flag("cache", "honorsNoCache", to: \.cache.honorsNoCache),
        .flag("cache", "purgesURL", to: \.cache.purgesURL),
        .choice("cache", "purgeMode", of: ["hard": .hard, "soft": .soft], to: \.cache.purgeMode),
        .token("cache", "name", to: \.cache.name),
        .flag("cache", "sendsStatus", to: \.cache.sendsStatus),
        .flag("cache", "explainsStatus", to: \.cache.explainsStatus),
        .duration("cache", "storeTimeout", from: 0.001, to: \.cache.storeTimeout),
        .integer("cache", "breakerFailureThreshold", from: 1, to: \.cache.breaker.failureThreshold),
        .duration("cache", "breakerPause", to: \.cache.breaker.pause),
    ]

    /// The members of `ETagSettings`.
    static let entityTags: [SettingDefinition] = [
        .choice("entityTags", "evaluation", of: ["exact": .exact, "early": .early], to: \.entityTags.evaluation),
        .flag("entityTags", "tagsErrors", to: \.entityTags.tagsErrors),
        .flag("entityTags", "tagsEveryMethod", to: \.entityTags.tagsEveryMethod),
        .flag("entityTags", "separatesMethods", to: \.entityTags.separatesMethods),
        .choice("entityTags", "asterisk", of: ["alone": .alone, "anywhere": .anywhere], to: \.entityTags.asterisk),
        .entityTag("entityTags", "key", to: \.entityTags.defaultKey),
    ]

    /// The members of ``DefaultKeys``.
    static let keys: [SettingDefinition] = [
        .key("keys", "objectCache", to: \.keys.objectCache),
        .key("keys", "listCache", to: \.keys.listCache),
        .entityTag("keys", "objectEntityTag", to: \.keys.objectEntityTag),
        .entityTag("keys", "listEntityTag", to: \.keys.listEntityTag),
        .apiEntityTag("keys", "apiObjectEntityTag", to: \.keys.apiObjectEntityTag),
        .apiEntityTag("keys", "apiListEntityTag", to: \.keys.apiListEntityTag),
    ]
}
