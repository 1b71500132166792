import CacheMiddleware
import ETag
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import ResponseCompression

/// The routes of the application, each resource behind its pipeline.
func buildRouter(
    database: CitiesDatabase,
    updatedAt: VersionStamp,
    store: any CacheStore,
    runtime: CacheRuntime,
    administrationSecret: String? = nil
) async throws -> Router<CitiesRequestContext> {
    let counts = HandlerCounts()
    let repository = CityRepository(database: database)
    let versions = CityVersions(repository: repository, updatedAt: updatedAt)
    let keys = CityKeys(updatedAt: updatedAt, versions: versions)
    let cities = CityController(
        repository: repository,
        versions: versions,
        countryCodes: try await CountryRepository(database: database).codes()
    )
    let countries = CountryController(repository: CountryRepository(database: database))
    let favourites = FavouriteController(repository: FavouriteRepository(database: database))
    let statistics = StatisticsController(counts: counts, store: store)

    let cityListStack = Pipeline.resource(
        key: keys.cityList, updatedAt: updatedAt, store: store, counts: counts, runtime: runtime
    )
    let cityStack = Pipeline.resource(
        key: keys.city, updatedAt: updatedAt, exists: { try await versions.version(for: $0) != nil },
        store: store, counts: counts, runtime: runtime
    )
    let countryStack = Pipeline.resource(
        key: keys.countries, updatedAt: updatedAt, store: store, counts: counts, runtime: runtime
    )
    let favouriteListStack = Pipeline.resource(
        key: keys.favourites, varyingBy: [.authorization], updatedAt: updatedAt, store: store, counts: counts,
        runtime: runtime
    )
    // A favourite has no representation to cache or to tag.
    let favouriteStack = Pipeline { HandlerCountMiddleware(counts: counts) }

    let router = Router(context: CitiesRequestContext.self, options: .autoGenerateHeadEndpoints)
    if let administrationSecret {
        let access = try AccessCheck.bearer(administrationSecret)
        let administration = Pipeline {
            CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
        }
        router.add(middleware: PipelineMiddleware(administration))
    }
    router.add(middleware: ErrorMiddleware())
    router.add(middleware: BearerAuthenticator(users: try await database.users()))
    router.get("stats", use: statistics.show)
    // Without a key the tag is the digest of the body.
    let pageStack = Pipeline {
        GzipMiddleware()
        ETagMiddleware()
    }
    router.get("/", use: pageStack.wrap(as: "PageView", PageController().show))

    let api = router.group().add(middleware: NegotiationMiddleware())
    api.get("cities", use: cityListStack.wrap(as: "CityListView", cities.list))
    api.post("cities", use: cityListStack.wrap(as: "CityListView", cities.create))
    api.get("cities/{id}", use: cityStack.wrap(as: "CityView", cities.show))
    api.put("cities/{id}", use: cityStack.wrap(as: "CityView", cities.replace))
    api.patch("cities/{id}", use: cityStack.wrap(as: "CityView", cities.update))
    api.delete("cities/{id}", use: cityStack.wrap(as: "CityView", cities.delete))
    api.get("countries", use: countryStack.wrap(as: "CountryListView", countries.list))

    let mine = api.group("me").add(middleware: UserRequirement())
    mine.get("favourites", use: favouriteListStack.wrap(as: "FavouriteListView", favourites.list))
    mine.put("favourites/{id}", use: favouriteStack.wrap(as: "FavouriteView", favourites.add))
    mine.delete("favourites/{id}", use: favouriteStack.wrap(as: "FavouriteView", favourites.remove))
    return router
}
