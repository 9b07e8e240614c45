// "modelCard" of a component.

#include <set>

#include "base/text.h"
#include "trust/bom_components.h"
#include "trust/bom_json.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

Document texts(const std::vector<Told>& list) {
  std::vector<Document> out;
  std::set<std::string> seen;
  for (const Told& told : list)
    if (told.known() && seen.insert(told.text).second) out.push_back(json_string(told.text));
  return json_list(std::move(out));
}

Document formats(const std::vector<Told>& list) {
  std::vector<Document> out;
  for (const Told& told : list)
    if (told.known()) out.push_back(JsonMap().text("format", told.text).done());
  return json_list(std::move(out));
}

Document parameters(const ModelFacts& model) {
  std::vector<Document> datasets;
  std::set<std::string> seen;
  for (const DatasetFacts& dataset : model.datasets)
    if (seen.insert(dataset_ref(dataset)).second)
      datasets.push_back(JsonMap().text("ref", dataset_ref(dataset)).done());
  return JsonMap()
      .put("approach", JsonMap().text("type", model.approach.text).done())
      .text("task", model.task.text)
      .text("architectureFamily", model.family.text)
      .text("modelArchitecture", model.architecture.text)
      .put("datasets", json_list(std::move(datasets)))
      .put("inputs", formats(model.inputs))
      .put("outputs", formats(model.outputs))
      .done();
}

Document analysis(const ModelFacts& model) {
  std::vector<Document> metrics;
  for (const MetricFacts& metric : model.metrics) {
    metrics.push_back(
        JsonMap()
            .text("type", metric.type)
            .text("value", metric.value)
            .text("slice", metric.slice)
            .put("confidenceInterval",
                 JsonMap().text("lowerBound", metric.lower).text("upperBound", metric.upper).done())
            .done());
  }
  return JsonMap().put("performanceMetrics", json_list(std::move(metrics))).done();
}

Document measure(double value, std::string_view unit) {
  return JsonMap().put("value", json_number(value)).text("unit", unit).done();
}

Document energy(const ModelFacts& model) {
  std::vector<Document> list;
  for (const EnergyFacts& each : model.energy) {
    JsonMap entry;
    entry.text("activity", each.activity);
    Document provider =
        JsonMap()
            .put("organization",
                 JsonMap().text("name", each.provider.empty() ? "unknown" : each.provider).done())
            .text("energySource", each.provider_source)
            .put("energyProvided", measure(each.kilowatt_hours, "kWh"))
            .done();
    entry.put("energyProviders", json_list({std::move(provider)}));
    entry.put("activityEnergyCost", measure(each.kilowatt_hours, "kWh"));
    if (each.co2_tonnes >= 0) entry.put("co2CostEquivalent", measure(each.co2_tonnes, "tCO2eq"));
    list.push_back(entry.done());
  }
  std::vector<Document> properties;
  for (const BomProperty& property : model.properties)
    if (property.name.starts_with("co2-")) properties.push_back(bom_property(property.name, property.value));
  return JsonMap()
      .put("energyConsumptions", json_list(std::move(list)))
      .put("properties", json_list(std::move(properties)))
      .done();
}

Document considerations(const ModelFacts& model) {
  std::vector<Document> risks;
  for (const RiskFacts& risk : model.risks)
    risks.push_back(JsonMap().text("name", risk.name).text("mitigationStrategy", risk.mitigation).done());
  std::vector<Document> fairness;
  for (const FairnessFacts& each : model.fairness) {
    fairness.push_back(JsonMap()
                           .text("groupAtRisk", each.group)
                           .text("benefits", each.benefits)
                           .text("harms", each.harms)
                           .text("mitigationStrategy", each.mitigation)
                           .done());
  }
  return JsonMap()
      .put("users", texts(model.users))
      .put("useCases", texts(model.use_cases))
      .put("technicalLimitations", texts(model.limitations))
      .put("performanceTradeoffs", texts(model.tradeoffs))
      .put("ethicalConsiderations", json_list(std::move(risks)))
      .put("environmentalConsiderations", energy(model))
      .put("fairnessAssessments", json_list(std::move(fairness)))
      .done();
}

}  // namespace

Document model_card(const ModelFacts& model) {
  return JsonMap()
      .put("modelParameters", parameters(model))
      .put("quantitativeAnalysis", analysis(model))
      .put("considerations", considerations(model))
      .done();
}

}  // namespace bulwark::trust
