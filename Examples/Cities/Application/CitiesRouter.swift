import CacheMiddleware
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import Logging

/// The routes of the application, each resource behind its pipeline.
func buildRouter(
    database: CitiesDatabase,
    updatedAt: VersionStamp,
    store: MemoryStore,
    logger: Logger
) async throws -> Router<CitiesRequestContext> {
    let counts = HandlerCounts()
    let keys = CityKeys(updatedAt: updatedAt)
    let cities = CityController(
        repository: CityRepository(database: database),
        countryCodes: try await CountryRepository(database: database).codes()
    )
    let countries = CountryController(repository: CountryRepository(database: database))
    let favourites = FavouriteController(repository: FavouriteRepository(database: database))
    let statistics = StatisticsController(counts: counts, store: store)

    let cityListStack = Pipeline.resource(key: keys.cityList, store: store, counts: counts, logger: logger)
    let cityStack = Pipeline.resource(key: keys.city, store: store, counts: counts, logger: logger)
    let countryStack = Pipeline.resource(key: keys.countries, store: store, counts: counts, logger: logger)
    let favouriteListStack = Pipeline.resource(
        key: keys.favourites, varyingBy: [.authorization], store: store, counts: counts, logger: logger
    )
    // A favourite has no representation to cache or to tag: it is there or it is not.
    let favouriteStack = Pipeline { HandlerCountMiddleware(counts: counts) }

    let router = Router(context: CitiesRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ErrorMiddleware())
    router.add(middleware: BearerAuthenticator(users: try await database.users()))
    router.get("stats", use: statistics.show)

    let api = router.group().add(middleware: NegotiationMiddleware())
    api.get("cities", use: cityListStack.wrap(as: "CityListView.get", cities.list))
    api.post("cities", use: cityListStack.wrap(as: "CityListView.post", cities.create))
    api.get("cities/{id}", use: cityStack.wrap(as: "CityView.get", cities.show))
    api.put("cities/{id}", use: cityStack.wrap(as: "CityView.put", cities.replace))
    api.patch("cities/{id}", use: cityStack.wrap(as: "CityView.patch", cities.update))
    api.delete("cities/{id}", use: cityStack.wrap(as: "CityView.delete", cities.delete))
    api.get("countries", use: countryStack.wrap(as: "CountryListView.get", countries.list))

    let mine = api.group("me").add(middleware: UserRequirement())
    mine.get("favourites", use: favouriteListStack.wrap(as: "FavouriteListView.get", favourites.list))
    mine.put("favourites/{id}", use: favouriteStack.wrap(as: "FavouriteView.put", favourites.add))
    mine.delete("favourites/{id}", use: favouriteStack.wrap(as: "FavouriteView.delete", favourites.remove))
    return router
}
