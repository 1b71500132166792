import CacheMiddleware
import ETag
import HTTPTypes
import KeyConstructor

@testable import PipelineSettings

/// The values of settings as text of a variable.
enum SettingText {
    static func text(of member: String, in settings: Settings) -> String? {
        switch member {
        case "preset", "cache.statusLifetimes.404": ""
        case "memoizesKeys": "\(settings.memoizesKeys)"
        case "buildID": settings.buildID ?? ""
        case "memory.byteLimit": "\(settings.deployment.memoryByteLimit)"
        case "redis.url": settings.deployment.redisURL ?? ""
        case "redis.prefix": settings.deployment.redisPrefix
        case "administration.secret": settings.deployment.administrationSecret ?? ""
        case let member where member.hasPrefix("cache."): text(of: String(member.dropFirst(6)), in: settings.cache)
        case "entityTags.evaluation": "\(settings.entityTags.evaluation)"
        case "entityTags.tagsErrors": "\(settings.entityTags.tagsErrors)"
        case "entityTags.tagsEveryMethod": "\(settings.entityTags.tagsEveryMethod)"
        case "entityTags.separatesMethods": "\(settings.entityTags.separatesMethods)"
        case "entityTags.asterisk": "\(settings.entityTags.asterisk)"
        case "entityTags.key": text(settings.entityTags.defaultKey)
        case "keys.objectCache": text(settings.keys.objectCache)
        case "keys.listCache": text(settings.keys.listCache)
        case "keys.objectEntityTag": text(settings.keys.objectEntityTag)
        case "keys.listEntityTag": text(settings.keys.listEntityTag)
        case "keys.apiObjectEntityTag": text(settings.keys.apiObjectEntityTag)
        case "keys.apiListEntityTag": text(settings.keys.apiListEntityTag)
        default: nil
        }
    }

    private static func text(of member: String, in settings: CacheSettings) -> String? {
        switch member {
        case "lifetime": text(settings.lifetime)
        case "key": text(settings.key)
        case "store": settings.storeName
        case "cachesErrors": "\(settings.cachesErrors)"
        case "cachesThrownErrors": "\(settings.cachesThrownErrors)"
        case "sharing": "\(settings.sharing)"
        case "maximumBodySize": "\(settings.maximumBodySize)"
        case "storesSetCookie": "\(settings.storesSetCookie)"
        case "credentialFields": settings.credentialFields.map(\.canonicalName).sorted().joined(separator: ",")
        case "credentialCookies": settings.credentialCookies.words.joined(separator: ",")
        case "unstoredFields": settings.unstoredFields.map(\.canonicalName).sorted().joined(separator: ",")
        case "singleFlight": "\(settings.singleFlight.isEnabled)"
        case "waitLimit": settings.singleFlight.waitLimit.map(text) ?? "none"
        case "lockDuration": settings.singleFlight.lockDuration.map(text) ?? "none"
        case "staleWhileRevalidate": text(settings.stale.whileRevalidating)
        case "staleIfError": text(settings.stale.ifError)
        case "earlyRefresh": SettingDefinition.plain(settings.stale.earlyRefresh)
        case "lifetimeJitter": SettingDefinition.plain(settings.lifetimeJitter)
        case "honorsNoCache": "\(settings.honorsNoCache)"
        case "purgesURL": "\(settings.purgesURL)"
        case "purgeMode": "\(settings.purgeMode)"
        case "name": settings.name
        case "sendsStatus": "\(settings.sendsStatus)"
        case "explainsStatus": "\(settings.explainsStatus)"
        case "storeTimeout": text(settings.storeTimeout)
        case "breakerFailureThreshold": "\(settings.breaker.failureThreshold)"
        case "breakerPause": text(settings.breaker.pause)
        default: nil
        }
    }

    static func text(_ lifetime: CacheLifetime) -> String {
        switch lifetime.duration {
        case nil: "computed"
        case .some(nil): "forever"
        case .some(.zero?): "doNotStore"
        case .some(let duration?): text(duration)
        }
    }

    private static func text(_ duration: Duration) -> String { SettingDefinition.plain(duration / .seconds(1)) }

    private static func text(_ key: KeyConstructor?) -> String {
        guard let key else { return "bodyDigest" }
        return LoadingContext.knownKeys.first { $0.value == key }?.key ?? "?"
    }
}
