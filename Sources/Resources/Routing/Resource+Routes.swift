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
    /// The routes at this place and below.
    var routes: [ResourceRoute] {
        routes(onCollection: true) + extraRoutes(onCollection: true) + routes(onCollection: false)
            + extraRoutes(onCollection: false) + children.flatMap(\.routes)
    }

    /// The names of the ancestors and the resource.
    var name: String { (ancestors.map(\.resource.name) + [resource.name]).joined(separator: "-") }

    /// The path template of the collection or of a row, or of an extra action.
    func template(onCollection isOnCollection: Bool, _ extra: String? = nil) -> String {
        var path = ""
        for ancestor in ancestors { path += "/\(ancestor.resource.name)/{\(ancestor.parameter)}" }
        path += "/\(resource.name)"
        if !isOnCollection { path += "/{\(parameter)}" }
        if let extra { path += "/\(extra)" }
        return path + (resource.settings.hasTrailingSlash ? "/" : "")
    }

    private func routes(onCollection isOnCollection: Bool) -> [ResourceRoute] {
        let actions = actions(onCollection: isOnCollection)
        let versions = versions
        let reading = ReadHandler(mount: self)
        let writing = WriteHandler(mount: self, reading: reading, versions: versions)
        let extras = isOnCollection ? collectionActions : []
        let extra = ExtraHandler(mount: self, actions: extras)
        let route = ResourceRoute(
            method: .get, template: template(onCollection: isOnCollection),
            name: RouteName("\(name)-\(isOnCollection ? "list" : "detail")"),
            pipeline: pipeline(onCollection: isOnCollection, reading: reading, versions: versions)
        ) { exchange in
            let action = exchange.resourceRequest?.action
            if action?.isExtra == true { return try await extra.reply(to: exchange) }
            return action?.isReading == true
                ? try await reading.reply(to: exchange) : try await writing.reply(to: exchange)
        }
        return routes(like: route, allowing: actions + extras.map(\.action))
    }

    /// The extra actions on the path of the collection.
    var collectionActions: [ExtraAction] { resource.settings.extraActions.filter(\.isOnItsPath) }

    /// The extra actions by their names.
    func extraActions(onCollection isOnCollection: Bool) -> [[ExtraAction]] {
        var groups: [[ExtraAction]] = []
        for action in resource.settings.extraActions
        where action.action.isOnCollection == isOnCollection && !action.isOnItsPath {
            if let index = groups.firstIndex(where: { $0[0].name == action.name }) {
                groups[index].append(action)
            } else {
                groups.append([action])
            }
        }
        return groups
    }

    private func extraRoutes(onCollection isOnCollection: Bool) -> [ResourceRoute] {
        extraActions(onCollection: isOnCollection).flatMap { actions in
            let handler = ExtraHandler(mount: self, actions: actions)
            let route = ResourceRoute(
                method: .get, template: template(onCollection: isOnCollection, actions[0].name),
                name: RouteName("\(name)-\(actions[0].name)"),
                pipeline: pipeline(actions, onCollection: isOnCollection),
                handler: { try await handler.reply(to: $0) })
            return routes(like: route, allowing: actions.map(\.action))
        }
    }

    /// Returns a route for each method of a template. The others respond with 405, and OPTIONS with the methods.
    private func routes(like route: ResourceRoute, allowing actions: [ResourceAction]) -> [ResourceRoute] {
        guard !actions.isEmpty else { return [] }
        let allowed = Self.allowedMethods(of: actions)
        let respond = ResourceRoute.refusing(allowing: allowed)
        let refusing: Handler = { exchange in
            guard self.hasDeclaredSpelling(exchange.request.path ?? "") else {
                return ResourceError.notFound.reply(to: exchange)
            }
            return try await respond(exchange)
        }
        let others = actions.map(\.method).filter { !ResourceRoute.methods.contains($0) }
        return (ResourceRoute.methods + others).map { method in
            let isAllowed = allowed.contains(method) && method != .options
            return ResourceRoute(
                method: method, template: route.template, name: route.name,
                pipeline: isAllowed ? route.pipeline : Pipeline([]), handler: isAllowed ? route.handler : refusing)
        }
    }

    /// The methods that do not get 405.
    private static func allowedMethods(of actions: [ResourceAction]) -> [HTTPRequest.Method] {
        let methods = actions.map(\.method)
        return methods + (methods.contains(.get) ? [.head] : []) + [.options]
    }

    /// The versions of single rows, if the fields have one.
    private var versions: RowVersions? {
        fields.version.map {
            RowVersions(of: resource, field: $0.name)
        }
    }

    private func pipeline(onCollection isOnCollection: Bool, reading: ReadHandler, versions: RowVersions?) -> Pipeline {
        let settings = resource.settings
        var middleware = settings.outerMiddleware
        let extras = isOnCollection ? collectionActions.map(\.action) : []
        let request = RequestMiddleware(
            self, onCollection: isOnCollection, actions(onCollection: isOnCollection) + extras)
        middleware.append(request)
        let action: ResourceAction = isOnCollection ? .list : .retrieve
        let base = isOnCollection ? listKey(of: actions(onCollection: true)) : detailKey(versions)
        let key = settings.caching?.key(base, for: action) ?? base
        let changesWithData = settings.caching != nil || !isOnCollection && versions != nil
        if let conditions = settings.conditions {
            let requirements = isOnCollection ? .none : conditions.requirements
            if changesWithData {
                middleware.append(
                    ETagMiddleware(key: conditions.key(key, for: action), requiring: requirements) {
                        $0.rebuildsAfterMethodEvaluation = true
                        $0.serialization = self.serialization
                        if let stamp = settings.caching?.stamp, self.isDated(action) {
                            $0.lastModifiedIsOfStamp = true
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
        if let caching = settings.caching, caching.actions.contains(action) {
            middleware.append(cache(caching, key, action, described: request.describe))
        }
        return Pipeline(middleware)
    }

    /// The middleware of extra actions with one name.
    private func pipeline(_ actions: [ExtraAction], onCollection isOnCollection: Bool) -> Pipeline {
        let settings = resource.settings
        var middleware = settings.outerMiddleware
        let request = RequestMiddleware(self, onCollection: isOnCollection, actions.map(\.action))
        middleware.append(request)
        if settings.conditions != nil {
            middleware.append(
                ETagMiddleware {
                    // Bulk writes read their bodies themselves: uploads are streams, and wait for no other.
                    if actions.contains(where: \.isOfCollection) { $0.serialization = .none }
                })
        }
        guard actions.contains(where: \.action.isReading) else { return Pipeline(middleware) }
        // What an action returns may depend on other rows, so the key is that of lists.
        if let caching = settings.caching, caching.actions.contains(actions[0].action) {
            let key = caching.key(listKey(of: actions.map(\.action)), for: actions[0].action)
            middleware.append(cache(caching, key, actions[0].action, described: request.describe))
        }
        return Pipeline(middleware)
    }

    private func cache(
        _ caching: Caching, _ key: KeyConstructor, _ action: ResourceAction,
        described: @escaping @Sendable (Exchange) async throws -> Exchange
    ) -> CacheResponseMiddleware {
        let resource = resource
        return CacheResponseMiddleware(caching.lifetime, key: key, in: caching.store, runtime: caching.runtime) {
            $0 = caching.settings
            // The key separates what the access rule selects. What an extra action reads of a user is known to its handler only.
            if $0.sharing == .guarded, !action.isExtra { $0.sharing = .public }
            // Writes invalidate after their commit.
            $0.purgesURL = false
            $0.described = described
            $0.tags = caching.tags(for: action).adding { exchange, _ in
                guard let request = exchange.resourceRequest else { return [] }
                let tag = request.key.map { ResourceTags.row(resource, $0) } ?? ResourceTags.list(resource)
                return [tag, ResourceTags.all(resource)]
            }
        }
    }

    /// Serializes the updates of a row, whatever its path.
    private var serialization: UpdateSerialization {
        let table = fields.table
        return .by { exchange in exchange.resourceRequest?.key.map { "\(table):\($0)" } }
            .withBodies(upTo: resource.settings.maximumBodySize)
    }

    /// Whether responses have Last-Modified, the time of the last write to the table: writes to parents and joins and what further key
    /// bits read must not change them.
    func isDated(_ action: ResourceAction) -> Bool {
        ancestors.isEmpty && resource.settings.caching?.hasBits(for: action) == false
            && resource.settings.conditions?.hasBits(for: action) != true
    }

    /// Returns the time of the last write, unless a rule selects the rows of a read: other rules change the response without a write.
    ///
    /// - Throws: The error of the store, if the request has a condition on a date. Other responses have no Last-Modified then.
    private static func lastModified(of stamp: VersionStamp, for exchange: Exchange) async throws -> HTTPDate? {
        if let prepared = exchange.preparedRequest, prepared.request.isRestricted, prepared.request.action.isReading {
            return nil
        }
        do {
            return HTTPDate(try await stamp.reading(for: exchange).storedAt)
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
    private func commonKey(of actions: [ResourceAction]) -> KeyConstructor {
        var key: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language,
            "statement": .custom(StatementKeyBit()),
            "user": .custom(RestrictedUserKeyBit()),
        ]
        if resource.settings.uriMember != nil { key = key.adding(["host": .host, "scheme": .scheme]) }
        let stamps = ancestors.compactMap { $0.resource.settings.caching?.stamp }
        for (index, stamp) in stamps.enumerated() {
            key = key.adding(["stamp_\(index)": .custom(VersionStampKeyBit(stamp))])
        }
        return key
    }

    private func listKey(of actions: [ResourceAction]) -> KeyConstructor {
        let key = commonKey(of: actions).adding(["path": .path])
        guard let stamp = resource.settings.caching?.stamp else { return key }
        return key.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
    }

    private func detailKey(_ versions: RowVersions?) -> KeyConstructor {
        let key = commonKey(of: actions(onCollection: false)).adding(["path": .path])
        // Without the stamp, so that a row keeps its tag when others change, and while the store is unreachable.
        if let versions { return key.adding(["version": .custom(versions)]) }
        guard let stamp = resource.settings.caching?.stamp else { return key }
        return key.adding(["stamp": .custom(VersionStampKeyBit(stamp))])
    }
}
