(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const owner = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !owner.checkVisibility() || owner.closest("script, template")) continue;
    const behind = [];
    for (let node = owner; node; node = node.parentElement) behind.unshift(getComputedStyle(node).backgroundColor);
    const ground = paint(behind);
    const [high, low] = [light(ground), light(paint([...behind, getComputedStyle(owner).color]))].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) return `${walker.currentNode.textContent}: ${contrast.toFixed(2)}`;
  }
  return null;
})()
