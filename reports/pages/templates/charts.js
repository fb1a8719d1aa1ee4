// Every picture becomes a chart with tooltips when it comes into view. The drawing stays below it: it keeps the place,
// it is what is printed, and it is what there is where a chart fails.

const settings = {
  actions: false, // its menu would lead to an editor on the network
  ast: true, // expressions are interpreted, so that the page's policy need not allow eval
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting || matchMedia("print").matches) continue;
    seen.unobserve(target);
    draw(target);
  }
}, { rootMargin: "200px" });

for (const figure of document.querySelectorAll("figure")) seen.observe(figure);

async function draw(figure) {
  const picture = figure.querySelector(".picture");
  const chart = document.createElement("div");
  chart.className = "chart";
  picture.append(chart);
  try {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    await vegaEmbed(chart, spec, settings);
    picture.classList.add("live");
  } catch {
    chart.remove();
  }
}
