import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories

extension Resource {
    /// The routes of the resource and of all resources below it. A method without an action has a route too, which responds with 405 and
    /// Allow.
    public var routes: [ResourceRoute] { ResourceMount(self).routes }
}

extension ResourceMount {
    /// The methods that have a route everywhere.
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, HTTPRequest.Method("QUERY")!,
    ]

    /// The routes at this place and below.
    var routes: [ResourceRoute] {
        routes(template(onCollection: true), RouteName("\(name)-list"), onCollection: true)
            + routes(template(onCollection: false), RouteName("\(name)-detail"), onCollection: false)
            + children.flatMap(\.routes)
    }

    /// The names of the ancestors and the resource.
    var name: String { (ancestors.map(\.resource.name) + [resource.name]).joined(separator: "-") }

    /// The path template of the collection or of a row.
    func template(onCollection isOnCollection: Bool) -> String {
        var path = ""
        for ancestor in ancestors { path += "/\(ancestor.resource.name)/{\(ancestor.parameter)}" }
        path += "/\(resource.name)"
        if !isOnCollection { path += "/{\(parameter)}" }
        return path + (resource.settings.hasTrailingSlash ? "/" : "")
    }

    private func routes(_ template: String, _ name: RouteName, onCollection isOnCollection: Bool) -> [ResourceRoute] {
        let actions = resource.settings.actions.filter { $0.isOnCollection == isOnCollection }
        guard !actions.isEmpty else { return [] }
        let versions = versions
        let reading = ReadHandler(mount: self)
        let writing = WriteHandler(mount: self, reading: reading, versions: versions)
        let pipeline = pipeline(onCollection: isOnCollection, reading: reading, versions: versions)
        let handler: Handler = { exchange in
            let action = exchange.resourceRequest?.action
            return action?.isReading == true
                ? try await reading.reply(to: exchange) : try await writing.reply(to: exchange)
        }
        let allowed = allowedMethods(onCollection: isOnCollection)
        let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        let refusing: Handler = { exchange in
            let method = exchange.request.method
            if method == .options { return Reply(status: .noContent, headerFields: [.allow: allow]) }
            return ResourceError(
                .methodNotAllowed, "Method \"\(method.rawValue)\" not allowed.", headerFields: [.allow: allow]
            ).reply(to: exchange)
        }
        return Self.methods.map { method in
            let isAllowed = allowed.contains(method) && method != .options
            return ResourceRoute(
                method: method, template: template, name: name,
                pipeline: isAllowed ? pipeline : Pipeline([]), handler: isAllowed ? handler : refusing)
        }
    }

    /// The methods that do not get 405.
    func allowedMethods(onCollection isOnCollection: Bool) -> [HTTPRequest.Method] {
        var methods = resource.settings.actions.filter { $0.isOnCollection == isOnCollection }.map(\.method)
        if methods.contains(.get) { methods.append(.head) }
        return methods + [.options]
    }

    /// The versions of single rows, if the fields have one.
    private var versions: RowVersions? {
        fields.version.map {
            RowVersions(of: self, field: $0.name)
        }
    }

    private func pipeline(onCollection isOnCollection: Bool, reading: ReadHandler, versions: RowVersions?) -> Pipeline {
        let settings = resource.settings
        var middleware = settings.outerMiddleware
        middleware.append(RequestMiddleware(mount: self, isOnCollection: isOnCollection))
        let key = isOnCollection ? listKey : detailKey(versions)
        let changesWithData = settings.caching != nil || !isOnCollection && versions != nil
        if let conditions = settings.conditions {
            let requirements = isOnCollection ? .none : conditions.requirements
            if changesWithData {
                middleware.append(
                    ETagMiddleware(key: key, requiring: requirements) {
                        $0.rebuildsAfterMethodEvaluation = true
                        $0.serialization = self.serialization
                        if let stamp = settings.caching?.stamp {
                            $0.lastModified = { try await Self.lastModified(of: stamp, for: $0) }
                        }
                        if !isOnCollection { $0.exists = { try await Self.exists($0, in: self.resource.repository) } }
                    })
            } else if isOnCollection {
                middleware.append(ETagMiddleware())
            } else {
                middleware.append(
                    ETagMiddleware(
                        reading: { exchange in
                            var exchange = exchange
                            if let prepared = exchange[PreparedRequest.Key.self] {
                                var request = prepared.request
                                request.action = .retrieve
                                exchange[PreparedRequest.Key.self] = PreparedRequest(request, prepared.description)
                            }
                            return try await reading.reply(to: exchange)
                        }, requiring: requirements
                    ) { $0.serialization = self.serialization })
            }
        }
        if let caching = settings.caching, caching.actions.contains(isOnCollection ? .list : .retrieve) {
            let resource = resource
            middleware.append(
                CacheResponseMiddleware(caching.lifetime, key: key, in: caching.store, runtime: caching.runtime) {
                    $0 = caching.settings
                    // The key separates what the access rule selects.
                    if $0.sharing == .guarded { $0.sharing = .public }
                    // Writes invalidate after their commit.
                    $0.purgesURL = false
                    $0.tags = $0.tags.adding { exchange, _ in
                        guard let request = exchange.resourceRequest else { return [] }
                        let tag = request.key.map { ResourceTags.row(resource, $0) } ?? ResourceTags.list(resource)
                        return [tag, ResourceTags.all(resource)]
                    }
                })
        }
        return Pipeline(middleware)
    }

    /// Serializes the updates of a row, whatever its path.
    private var serialization: UpdateSerialization {
        let table = fields.table
        return .by { exchange in exchange.resourceRequest?.key.map { "\(table):\($0)" } }
            .withBodies(upTo: resource.settings.maximumBodySize)
    }

    /// Returns the time of the last write.
    ///
    /// - Throws: The error of the store, if the request has a condition on a date. Other responses have no Last-Modified then.
    private static func lastModified(of stamp: VersionStamp, for exchange: Exchange) async throws -> HTTPDate? {
        do {
            return HTTPDate(try await stamp.lastTouched(for: exchange))
        } catch {
            guard !exchange.request.headerFields.contains(.ifUnmodifiedSince) else { throw error }
            return nil
        }
    }

    private static func exists(_ exchange: Exchange, in repository: any Repository) async throws -> Bool {
        guard let request = exchange.resourceRequest else { return false }
        return try await repository.count(request.query.selection) > 0
    }

    // MARK: Keys

    /// The parts of every key: the route, what is negotiated, and the data of this resource and those above it.
    private func commonKey(onCollection isOnCollection: Bool) -> KeyConstructor {
        var key: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language,
            "statement": .custom(StatementKeyBit(mount: self, isOnCollection: isOnCollection)),
            "user": .custom(RestrictedUserKeyBit(mount: self, isOnCollection: isOnCollection)),
        ]
        if resource.settings.uriMember != nil { key = key.adding(["host": .host, "scheme": .scheme]) }
        let stamps = ancestors.compactMap { $0.resource.settings.caching?.stamp }
        for (index, stamp) in stamps.enumerated() {
            key = key.adding(["stamp_\(index)": .custom(VersionStampKeyBit(stamp))])
        }
        return key
    }

    private var listKey: KeyConstructor {
        let key = commonKey(onCollection: true).adding(["path": .path])
        guard let stamp = resource.settings.caching?.stamp else { return key }
        return key.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
    }

    private func detailKey(_ versions: RowVersions?) -> KeyConstructor {
        let key = commonKey(onCollection: false).adding(["path": .path])
        if let versions {
            let key = key.adding(["version": .custom(versions)])
            return resource.settings.caching?.removals.map {
                key.adding(["removals": .custom(VersionStampKeyBit($0))])
            } ?? key
        }
        guard let stamp = resource.settings.caching?.stamp else { return key }
        return key.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
    }
}
